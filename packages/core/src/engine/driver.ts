import type { DatabaseConnection, Driver, TransactionSettings } from 'kysely'
import { TransactionError } from '../errors/transaction-error.ts'
import type { Pool } from '../pool/pool.ts'
import { Deadline } from '../time/deadline.ts'
import type { EngineConnection } from './connection.ts'
import { transactionInsideSession } from './joined-driver.ts'
import { LeasedConnection } from './leased-connection.ts'
import type { NameMapping } from './name-mapping.ts'

/** What the driver asks for a connection. */
export interface ConnectionSource {
  readonly pool: Pool
  readonly names: NameMapping
  /** Bounds each statement or Kysely transaction outside of a session, waiting included. */
  readonly deadlineMs: number
  /** The connection of the session that surrounds the caller, if there is one. */
  readonly surrounding: () => EngineConnection | undefined
}

/** Kysely's driver over our pool: one lease per statement or Kysely transaction, none inside a session. */
export class EngineDriver implements Driver {
  readonly #source: ConnectionSource

  constructor(source: ConnectionSource) {
    this.#source = source
  }

  async init(): Promise<void> {}

  async acquireConnection(options: { signal?: AbortSignal } = {}): Promise<DatabaseConnection> {
    const { pool, names, deadlineMs, surrounding } = this.#source
    const joined = surrounding()
    if (joined !== undefined) return joined
    const deadline = Deadline.after(deadlineMs)
    const lease = await pool.acquire({ deadline, signal: options.signal })
    return new LeasedConnection(lease, names, deadline)
  }

  async beginTransaction(
    connection: DatabaseConnection,
    settings: TransactionSettings,
  ): Promise<void> {
    const { isolationLevel, accessMode } = settings
    const isolation = isolationLevel ? ` isolation level ${isolationLevel}` : ''
    const access = accessMode ? ` ${accessMode}` : ''
    await own(connection).run(`begin${isolation}${access}`)
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    const { command } = await own(connection).end('commit')
    if (command === 'ROLLBACK') {
      throw new TransactionError(
        'COMMIT_ROLLED_BACK',
        'the transaction was rolled back: one of its statements had failed',
      )
    }
  }

  /** Never rejects: if ROLLBACK fails the connection is destroyed, which rolls back too, and the first error stays the one that is seen. */
  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    const leased = own(connection)
    if (leased.lease.usable)
      await leased.end('rollback').catch(() => leased.lease.release('destroy'))
  }

  async savepoint(connection: DatabaseConnection, name: string): Promise<void> {
    await own(connection).run(`savepoint ${quoted(name)}`)
  }

  async rollbackToSavepoint(connection: DatabaseConnection, name: string): Promise<void> {
    await own(connection).run(`rollback to savepoint ${quoted(name)}`)
  }

  async releaseSavepoint(connection: DatabaseConnection, name: string): Promise<void> {
    await own(connection).run(`release savepoint ${quoted(name)}`)
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    if (connection instanceof LeasedConnection) connection.lease.release()
  }

  async destroy(): Promise<void> {
    await this.#source.pool.close()
  }
}

function own(connection: DatabaseConnection): LeasedConnection {
  if (connection instanceof LeasedConnection) return connection
  throw transactionInsideSession()
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
