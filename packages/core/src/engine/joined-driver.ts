import type { DatabaseConnection, Driver } from 'kysely'
import { UsageError } from '../errors/usage-error.ts'

/**
 * The driver of every Kysely instance that lives on a session's connection. The session alone begins, ends and releases, so
 * that every transaction method is refused; Kysely gets the connection from its executor.
 */
export class JoinedDriver implements Driver {
  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    throw transactionInsideSession()
  }

  async beginTransaction(): Promise<void> {
    throw transactionInsideSession()
  }

  async commitTransaction(): Promise<void> {
    throw transactionInsideSession()
  }

  async rollbackTransaction(): Promise<void> {
    throw transactionInsideSession()
  }

  async releaseConnection(): Promise<void> {}

  async destroy(): Promise<void> {}
}

/** The refusal of Kysely's own transactions inside a session. */
export function transactionInsideSession(): UsageError {
  return new UsageError(
    'SESSION_KYSELY_TRANSACTION',
    'db.transaction() was called inside a session: use session.savepoint(fn) for a part that may fail alone, or ' +
      "engine.session(fn, { propagation: 'new' }) for a unit of its own",
  )
}
