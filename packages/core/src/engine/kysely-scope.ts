import { AsyncLocalStorage } from 'node:async_hooks'
import type { DatabaseConnection } from 'kysely'
import type { EngineConnection } from './connection.ts'
import type { LeasedConnection } from './leased-connection.ts'

/**
 * The connection of a Kysely transaction, or of `db.connection()`, around the running code. Statements of `engine.db` take part in it
 * instead of taking a second connection, which a pool of one does not have.
 */
export class KyselyScope {
  readonly #storage = new AsyncLocalStorage<LeasedConnection>()

  /** The innermost one that has not ended. */
  get current(): LeasedConnection | undefined {
    const connection = this.#storage.getStore()
    return connection?.released === false ? connection : undefined
  }

  /** Gives `consumer` the connection around it, or else one of its own that is around everything it does. */
  async provide<T>(
    around: EngineConnection | undefined,
    open: () => LeasedConnection,
    consumer: (connection: DatabaseConnection) => Promise<T>,
  ): Promise<T> {
    if (around !== undefined) return consumer(around)
    const connection = open()
    try {
      return await this.#storage.run(connection, () => consumer(connection))
    } finally {
      await connection.release()
    }
  }
}
