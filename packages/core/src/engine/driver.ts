import type { DatabaseConnection, Driver, TransactionSettings } from 'kysely'
import { TransactionError } from '../errors/transaction-error.ts'
import { UsageError } from '../errors/usage-error.ts'
import type { Pool } from '../pool/pool.ts'
import { transactionInsideSession } from './joined-driver.ts'
import type { KyselyScope } from './kysely-scope.ts'
import { LeasedConnection } from './leased-connection.ts'

/** How Kysely knows a transaction that the server rolled back instead of committing it. */
const KYSELY_ABORTED = Symbol.for('kysely.AbortedTransactionError')

/** Kysely's transaction control over our pool. Connections come from the executor. */
export class EngineDriver implements Driver {
  readonly #pool: Pool
  readonly #provide: () => DatabaseConnection
  readonly #scope: KyselyScope

  constructor(pool: Pool, provide: () => DatabaseConnection, scope: KyselyScope) {
    this.#pool = pool
    this.#provide = provide
    this.#scope = scope
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#provide()
  }

  /** Sends nothing yet: BEGIN travels with the first statement. */
  async beginTransaction(
    connection: DatabaseConnection,
    settings: TransactionSettings,
  ): Promise<void> {
    const { isolationLevel, accessMode } = settings
    const isolation = isolationLevel ? ` isolation level ${isolationLevel}` : ''
    const access = accessMode ? ` ${accessMode}` : ''
    const leased = own(connection)
    if (leased.inTransaction) throw transactionInsideTransaction()
    leased.begin(`begin${isolation}${access}`, this.#scope.frame)
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    const leased = own(connection)
    const { transaction } = leased
    const command = await leased.end('commit')
    if (command === 'ROLLBACK') throw rolledBackInstead(transaction?.firstError)
  }

  /** Never rejects: if ROLLBACK fails the connection is destroyed, which rolls back too, and the first error stays the one that is seen. */
  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    const leased = own(connection)
    await leased.end('rollback').catch(() => leased.release('destroy'))
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
    if (connection instanceof LeasedConnection) await connection.release()
  }

  async destroy(): Promise<void> {
    await this.#pool.close()
  }
}

function own(connection: DatabaseConnection): LeasedConnection {
  if (connection instanceof LeasedConnection) return connection
  throw transactionInsideSession()
}

function transactionInsideTransaction(): UsageError {
  return new UsageError(
    'KYSELY_TRANSACTION_OPEN',
    'db.transaction() was called inside another one: run its statements on engine.db or on the outer trx, use ' +
      'startTransaction().savepoint() for a part of it, or engine.session() and its savepoints',
  )
}

/** Kysely's controlled transactions end themselves when they see its mark. */
function rolledBackInstead(cause: unknown): TransactionError {
  const error = new TransactionError(
    'COMMIT_ROLLED_BACK',
    'the transaction was rolled back: one of its statements had failed. Its error is the cause',
    { cause },
  )
  return Object.defineProperty(error, KYSELY_ABORTED, { value: true })
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
