import { EventEmitter } from 'node:events'
import pg from 'pg'
import type { Lease } from './lease.ts'
import {
  asPgThrows,
  isSubmittable,
  type KyselyResult,
  type PgCallback,
  type PgQueryConfig,
  type PgResult,
  pgRequest,
  pgResultOf,
  settle,
} from './pg-query.ts'
import type { Notice, Notification } from './said.ts'
import type { Submittable } from './send-queue.ts'
import type { Statement } from './statement.ts'

/** The events of a `PgClient` and their arguments, as pg's client has them. */
export interface PgClientEvents {
  notification: [notification: Notification]
  /** What the server says beside its answers, as RAISE NOTICE does. */
  notice: [notice: Notice]
  /** The connection broke; emitted only if somebody listens. */
  error: [error: Error]
  /** The connection has ended. */
  end: []
}

/**
 * A connection in the shape of a pg pool client, for code that is written against pg: `query` with promises, callbacks, config
 * objects, cursors and streams, `release(destroy)`, and the events of `PgClientEvents`. It is the same for each holder of the connection,
 * and works while somebody holds it. The raw client stays inside; removing every listener of this object takes none off the connection itself.
 */
export class PgClient extends EventEmitter<PgClientEvents> {
  readonly #processID: number
  /** The last one; it refuses what comes after its end. */
  #lease: Lease | undefined
  /** Of the checkout that has not ended. */
  #onRelease: ((destroyed: boolean | Error) => void) | undefined
  #settingUp = false
  #ended = false

  constructor(processID: number) {
    super()
    this.#processID = processID
  }

  /** Works with `lease` until it is released. @internal */
  lend(lease: Lease, onRelease: (destroyed: boolean | Error) => void): void {
    this.#lease = lease
    this.#onRelease = onRelease
    lease.onLost((error) => {
      if (this.listenerCount('error') > 0) this.emit('error', error)
      this.tellEnd()
    })
    lease.onNotification((notification) => this.emit('notification', notification))
    lease.onNotice((notice) => this.emit('notice', notice))
  }

  /** The server's process id of this connection. */
  get processID(): number {
    return this.#lease?.backendPid ?? this.#processID
  }

  /** The status byte of the last answer: I idle, T in a transaction, E in a failed one. */
  getTransactionStatus(): 'I' | 'T' | 'E' | null {
    return this.#lease?.transactionStatus ?? null
  }

  /** A name as an identifier of a statement. */
  escapeIdentifier(name: string): string {
    return pg.escapeIdentifier(name)
  }

  /** A text as a literal of a statement. */
  escapeLiteral(text: string): string {
    return pg.escapeLiteral(text)
  }

  /** Runs a statement, or hands a cursor or stream to the driver and returns it. Statements run in the order they were given. */
  query<Query extends Submittable>(query: Query): Query
  query<Row = Record<string, unknown>>(
    query: string | PgQueryConfig,
    values?: readonly unknown[],
  ): Promise<PgResult<Row>>
  query<Row = Record<string, unknown>>(
    query: string | PgQueryConfig,
    callback: PgCallback<PgResult<Row>>,
  ): void
  query<Row = Record<string, unknown>>(
    query: string | PgQueryConfig,
    values: readonly unknown[] | undefined,
    callback: PgCallback<PgResult<Row>>,
  ): void
  query<Row>(text: string, values: readonly unknown[]): Promise<KyselyResult<Row>>
  query<Cursor extends { close(): Promise<void> }>(cursor: Cursor): Cursor
  query(
    query: string | PgQueryConfig | Submittable,
    values?: readonly unknown[] | PgCallback<PgResult>,
    callback?: PgCallback<PgResult>,
  ): unknown {
    if (isSubmittable(query))
      return this.#submit(query, typeof values === 'function' ? values : callback)
    const request = pgRequest(query, values, callback)
    return settle(this.run(request.statement), request.callback)
  }

  /** Runs a statement as `query` does. @internal */
  async run(statement: Statement): Promise<PgResult> {
    const lease = this.#lease
    if (lease === undefined) throw new Error('the connection has ended')
    try {
      const flying = this.#settingUp ? lease.backend.fly([statement]) : lease.fly([statement])
      return pgResultOf(await flying)
    } catch (error) {
      throw asPgThrows(error)
    }
  }

  /**
   * Gives the connection back; `true` or an error destroys it.
   *
   * @throws {Error} if it was given back before, as pg does
   */
  release(destroy?: boolean | Error | null): void {
    const onRelease = this.#onRelease
    if (onRelease === undefined) throw alreadyReleased()
    this.#onRelease = undefined
    onRelease(destroy || false)
  }

  /** What releases this checkout and throws in any later one. @internal */
  releaseOfNow(): (destroy?: boolean | Error) => void {
    const now = this.#onRelease
    return (destroy) => {
      if (this.#onRelease !== now) throw alreadyReleased()
      this.release(destroy)
    }
  }

  /** Runs `listen`; state that is set while it runs belongs to the connection, if `keepsState`. @internal */
  setUp(keepsState: boolean, listen: () => void): void {
    this.#settingUp = keepsState
    try {
      listen()
    } finally {
      this.#settingUp = false
    }
  }

  /** Tells those who listen that the connection has ended; once. @internal */
  tellEnd(): void {
    if (this.#ended) return
    this.#ended = true
    this.emit('end')
  }

  #submit<Query extends Submittable & { callback?: unknown }>(
    query: Query,
    callback: PgCallback<PgResult> | undefined,
  ): Query {
    if (this.#lease === undefined) throw new Error('the connection has ended')
    if (callback !== undefined && !query.callback) Object.assign(query, { callback })
    this.#lease.submit(query)
    return query
  }
}

function alreadyReleased(): Error {
  return new Error('Release called on client which has already been released to the pool.')
}
