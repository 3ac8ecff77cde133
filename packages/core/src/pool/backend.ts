import pg from 'pg'
import { decoderOf } from '../codec/registry.ts'
import type { AquiferError, Outcome } from '../errors/aquifer-error.ts'
import { ConnectionError } from '../errors/connection-error.ts'
import { fromConnect, fromDriver, fromStatement } from '../errors/from-driver.ts'
import { after, monotonicMs, random } from '../time/clock.ts'
import { type CancelTarget, sendCancelRequest } from './cancel.ts'
import type { PoolSettings } from './settings.ts'

const OWN_PARAMETERS = [
  'application_name',
  'statement_timeout',
  'lock_timeout',
  'idle_in_transaction_session_timeout',
]
const GOODBYE_LIMIT_MS = 1_000
const COMMIT = /^\s*(commit|end)\b/i

/** A notification that a LISTEN brought. */
export interface Notification {
  readonly channel: string
  readonly payload: string
  readonly processId: number
}

/** What a statement is sent as. */
export interface Statement {
  readonly text: string
  readonly values?: readonly unknown[] | undefined
  /** Rows as arrays in column order instead of objects. */
  readonly rowMode?: 'array' | undefined
}

/** One column of a result. */
export interface ResultField {
  readonly name: string
  readonly dataTypeID: number
}

/** The answer to one statement. */
export interface StatementResult {
  /** The command tag's first word, as INSERT or COMMIT. */
  readonly command: string
  readonly rowCount: number | null
  // The shape of a row is the caller's business: objects or, with rowMode, arrays.
  readonly rows: unknown[]
  readonly fields: readonly ResultField[]
}

/** One physical connection: a pg.Client with its age, its status byte and the error that ended it. */
export class Backend {
  readonly openedAt: number = monotonicMs()
  readonly expiresAt: number
  idleSince: number = this.openedAt
  /** The first failure of the socket; set once, and then the backend is never lent again. */
  lost: AquiferError | undefined
  /** Another connection to this server broke; ask this one whether it lives before it is lent. */
  suspect = false
  #client: pg.Client
  readonly #onLost = new Set<(error: AquiferError) => void>()
  readonly #onNotification = new Set<(notification: Notification) => void>()

  private constructor(client: pg.Client, settings: PoolSettings) {
    this.#client = client
    this.expiresAt = this.openedAt + settings.maxLifetimeMs * (0.9 + 0.2 * random())
    // These listeners stay for the client's whole life: a pg.Client without one ends the process.
    client.on('error', (error) => this.#lose(fromDriver(error)))
    client.on('end', () => this.#lose(fromDriver(new Error('the socket was closed'))))
    client.on('notification', ({ channel, payload = '', processId }) => {
      for (const listener of this.#onNotification) listener({ channel, payload, processId })
    })
  }

  /**
   * Connects and logs in.
   *
   * @throws {ConnectionError} `CONNECTION_FAILED`; {ServerError} of kind `permission` if the login is refused
   */
  static async open(settings: PoolSettings): Promise<Backend> {
    const client = new pg.Client(clientConfig(settings))
    const backend = new Backend(client, settings)
    try {
      await client.connect()
      return backend
    } catch (error) {
      client.connection.stream.destroy()
      throw fromConnect(error, `${client.host}:${client.port}`)
    }
  }

  /** The server's process id of this connection. */
  get pid(): number {
    return keysOf(this.#client).processID ?? 0
  }

  get transactionStatus(): 'I' | 'T' | 'E' | null {
    return this.#client.getTransactionStatus()
  }

  /** Sends one statement and waits for its answer; errors are typed. */
  async run(statement: Statement): Promise<StatementResult> {
    if (this.lost !== undefined) throw lostBefore(this.lost)
    const ifLost = this.outcomeIfLost(statement)
    try {
      // pg declares parameters as mutable; it does not change them.
      const config = {
        text: statement.text,
        values: statement.values as unknown[],
        rowMode: statement.rowMode,
      }
      const answer: unknown = await this.#client.query(config as pg.QueryConfig)
      // A text of several statements has several answers; the last one counts, as in psql.
      return (Array.isArray(answer) ? answer.at(-1) : answer) as StatementResult
    } catch (error) {
      const typed = fromStatement(error, { broken: this.lost !== undefined, ifLost })
      // pg has sent half of a statement whose parameters it cannot convert.
      const unusable = typed.kind === 'connection' || typed.code === 'PARAMETER_INVALID'
      if (unusable) this.#lose(typed)
      else await this.#ready()
      throw typed
    }
  }

  /** What becomes of a statement if its answer never arrives: inside a transaction only COMMIT leaves a doubt. */
  outcomeIfLost({ text }: Statement): Outcome {
    const inTransaction = this.transactionStatus === 'T' || this.transactionStatus === 'E'
    return inTransaction && !COMMIT.test(text) ? 'rolledBack' : 'unknown'
  }

  /** Calls `listener` when the connection breaks; the result takes it off again. */
  whenLost(listener: (error: AquiferError) => void): () => void {
    this.#onLost.add(listener)
    return () => {
      this.#onLost.delete(listener)
    }
  }

  /** Calls `listener` for each notification; the result takes it off again. */
  whenNotified(listener: (notification: Notification) => void): () => void {
    this.#onNotification.add(listener)
    return () => {
      this.#onNotification.delete(listener)
    }
  }

  /** Asks the server to cancel the running statement. The caller still has to destroy the lease. */
  cancel(): Promise<void> {
    const target: CancelTarget = {
      host: this.#client.host,
      port: this.#client.port,
      processId: this.pid,
      secretKey: keysOf(this.#client).secretKey ?? 0,
    }
    return sendCancelRequest(target)
  }

  /** Says goodbye if the socket answers; a busy or broken one is cut. Never rejects. */
  close(): void {
    this.lost ??= fromDriver(new Error('the pool closed the connection'))
    const { stream } = this.#client.connection
    const limit = after(GOODBYE_LIMIT_MS, () => stream.destroy())
    stream.once('close', () => limit.cancel())
    this.#client.end().catch(() => {})
  }

  /** pg gives an error out before the server says that it is ready; only then is the status byte that of the error. */
  #ready(): Promise<void> {
    const client = this.#client as pg.Client & { readonly readyForQuery?: boolean }
    if (client.readyForQuery === true || this.lost !== undefined) return Promise.resolve()
    return new Promise((resolve) => {
      const done = () => {
        client.off('drain', done)
        stopWaiting()
        resolve()
      }
      const stopWaiting = this.whenLost(done)
      client.on('drain', done)
    })
  }

  #lose(error: AquiferError): void {
    if (this.lost !== undefined) return
    this.lost = error
    for (const listener of this.#onLost) listener(error)
  }
}

function lostBefore(cause: AquiferError): ConnectionError {
  const message = 'the connection had broken before the statement was sent'
  return new ConnectionError('CONNECTION_LOST', message, { cause, outcome: 'rolledBack' })
}

/** What pg keeps of BackendKeyData; its types leave it out. */
function keysOf(client: pg.Client): { processID: number | null; secretKey?: number } {
  return client as unknown as { processID: number | null; secretKey?: number }
}

function clientConfig(settings: PoolSettings): pg.ClientConfig {
  return {
    connectionString: withoutOwnParameters(settings.url),
    application_name: settings.applicationName,
    connectionTimeoutMillis: settings.connectTimeoutMs,
    statement_timeout: settings.statementTimeoutMs,
    lock_timeout: settings.lockTimeoutMs,
    idle_in_transaction_session_timeout: settings.idleInTransactionTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: settings.keepAliveMs,
    types: { getTypeParser: decoderOf } as pg.CustomTypesConfig,
    ...(settings.searchPath && {
      options: `-c search_path=${searchPathOption(settings.searchPath)}`,
    }),
  }
}

/** What the profile states holds: a parameter of the URL does not override it. */
function withoutOwnParameters(url: string): string {
  const parsed = new URL(url)
  const overriding = OWN_PARAMETERS.filter((name) => parsed.searchParams.has(name))
  for (const name of overriding) parsed.searchParams.delete(name)
  return overriding.length === 0 ? url : parsed.href
}

/** Identifiers are quoted for the server; spaces and backslashes once more for the startup packet. */
function searchPathOption(schemas: readonly string[]): string {
  const quoted = schemas.map((schema) =>
    /^[a-z_][a-z0-9_]*$/.test(schema) ? schema : `"${schema.replaceAll('"', '""')}"`,
  )
  return quoted.join(',').replace(/[\\\s]/g, (character) => `\\${character}`)
}
