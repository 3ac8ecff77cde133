import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
  type TransactionSettings,
} from 'kysely'

/** What becomes of the statements of a revision, one by one in the order in which they are issued. */
export interface StatementPort {
  run(statement: CompiledQuery): Promise<QueryResult<unknown>>
}

/** A Kysely whose statements all go to `port`, those that begin and end its transactions too; names as they are. */
export function kyselyOver(port: StatementPort): Kysely<unknown> {
  return new Kysely<unknown>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new PortDriver(port),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  })
}

class PortDriver implements Driver {
  readonly #connection: PortConnection

  constructor(port: StatementPort) {
    this.#connection = new PortConnection(port)
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#connection
  }

  async beginTransaction(_: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    const modes = [
      settings.isolationLevel && `isolation level ${settings.isolationLevel}`,
      settings.accessMode,
    ].filter((mode) => mode !== undefined)
    await this.#run(modes.length === 0 ? 'begin' : `start transaction ${modes.join(' ')}`)
  }

  async commitTransaction(): Promise<void> {
    await this.#run('commit')
  }

  async rollbackTransaction(): Promise<void> {
    await this.#run('rollback')
  }

  async savepoint(_: DatabaseConnection, name: string): Promise<void> {
    await this.#run(`savepoint ${quoted(name)}`)
  }

  async rollbackToSavepoint(_: DatabaseConnection, name: string): Promise<void> {
    await this.#run(`rollback to ${quoted(name)}`)
  }

  async releaseSavepoint(_: DatabaseConnection, name: string): Promise<void> {
    await this.#run(`release ${quoted(name)}`)
  }

  async releaseConnection(): Promise<void> {}

  async destroy(): Promise<void> {}

  async #run(text: string): Promise<void> {
    await this.#connection.executeQuery(CompiledQuery.raw(text))
  }
}

/** Runs one statement after the other, also where a revision does not await each of them. */
class PortConnection implements DatabaseConnection {
  readonly #port: StatementPort
  #before: Promise<unknown> = Promise.resolve()

  constructor(port: StatementPort) {
    this.#port = port
  }

  async executeQuery<Row>(statement: CompiledQuery): Promise<QueryResult<Row>> {
    const before = this.#before
    const own = Promise.withResolvers<void>()
    this.#before = own.promise
    await before
    // Awaited all the way, so that the stack of an error reaches the line of the revision.
    try {
      return (await this.#port.run(statement)) as QueryResult<Row>
    } finally {
      own.resolve()
    }
  }

  async *streamQuery<Row>(statement: CompiledQuery): AsyncIterableIterator<QueryResult<Row>> {
    yield await this.executeQuery<Row>(statement)
  }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
