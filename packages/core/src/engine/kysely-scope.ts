import { AsyncLocalStorage } from 'node:async_hooks'
import type { DatabaseConnection } from 'kysely'
import { UsageError } from '../errors/usage-error.ts'
import type { EngineConnection } from './connection.ts'
import { LeasedConnection } from './leased-connection.ts'

/** One call of `db.connection()` or of a transaction, and the call on the same connection that it was made in. */
interface Frame {
  readonly connection: LeasedConnection
  readonly outer: Frame | undefined
}

/**
 * The connection of a Kysely transaction, or of `db.connection()`, around the running code. Statements of `engine.db` take part in it
 * instead of taking a second connection, which a pool of one does not have.
 */
export class KyselyScope {
  readonly #storage = new AsyncLocalStorage<Frame>()

  /** The innermost one that has not ended. */
  get current(): LeasedConnection | undefined {
    return this.frame?.connection
  }

  /** The innermost call around the running code whose connection has not been given back. */
  get frame(): Frame | undefined {
    const frame = this.#storage.getStore()
    return frame?.connection.released === false ? frame : undefined
  }

  /**
   * The connection that a statement of `engine.db` has to use.
   *
   * @throws {UsageError} `KYSELY_TRANSACTION_OPEN` if a transaction is open on it that the caller has no part in
   */
  get joined(): LeasedConnection | undefined {
    const { frame } = this
    const owner = frame?.connection.transaction?.owner
    if (owner !== undefined && !isInside(frame, owner)) throw besideTransaction()
    return frame?.connection
  }

  /** Runs `fn` as a call of its own on `connection`. */
  enter<T>(connection: DatabaseConnection, fn: () => Promise<T>): Promise<T> {
    if (!(connection instanceof LeasedConnection)) return fn()
    return this.#storage.run({ connection, outer: this.frame }, fn)
  }

  /** Gives `consumer` the connection around it, or else one of its own that is around everything it does. */
  async provide<T>(
    around: EngineConnection | undefined,
    open: () => LeasedConnection,
    consumer: (connection: DatabaseConnection) => Promise<T>,
  ): Promise<T> {
    if (around !== undefined) return this.enter(around, () => consumer(around))
    const connection = open()
    try {
      return await this.enter(connection, () => consumer(connection))
    } finally {
      await connection.release()
    }
  }
}

function isInside(frame: Frame | undefined, owner: object): boolean {
  for (let at = frame; at !== undefined; at = at.outer) if (at === owner) return true
  return false
}

function besideTransaction(): UsageError {
  return new UsageError(
    'KYSELY_TRANSACTION_OPEN',
    'engine.db was used inside db.connection() while a transaction was open there that it has no part in, and would have been committed or ' +
      'rolled back with it: await that transaction first, or use its trx',
  )
}
