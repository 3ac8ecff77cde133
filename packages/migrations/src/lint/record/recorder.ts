import {
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely'

/** A statement that would have been run. */
export interface RecordedStatement {
  readonly sql: string
  /** The call stack of whoever asked for it. */
  readonly stack: string
  /** Whether its answer was looked at, which nobody but a server can give. */
  answerNeeded: boolean
}

/** Thrown to code that goes by what the database answers. */
export class AnswerNeeded extends Error {
  override readonly name = 'AnswerNeeded'
}

const MOST_STATEMENTS = 10_000

/** A Kysely that runs nothing and keeps what it was asked to run. */
export class Recorder {
  readonly statements: RecordedStatement[] = []
  readonly db: Kysely<unknown>

  constructor() {
    const compiler = new StackCompiler()
    const driver = new RecordingDriver((query) => this.#record(query, compiler.stackOf(query)))
    this.db = new Kysely<unknown>({
      dialect: {
        createAdapter: () => new PostgresAdapter(),
        createDriver: () => driver,
        createIntrospector: (db) => new PostgresIntrospector(db),
        createQueryCompiler: () => compiler,
      },
    })
  }

  /** Whether code has gone by what a statement answers; the first such. */
  get asked(): RecordedStatement | undefined {
    return this.statements.find(({ answerNeeded }) => answerNeeded)
  }

  #record({ sql }: CompiledQuery, stack: string): QueryResult<never> {
    const statement: RecordedStatement = { sql, stack, answerNeeded: false }
    this.statements.push(statement)
    if (this.statements.length > MOST_STATEMENTS) {
      statement.answerNeeded = true
      throw new AnswerNeeded(`it runs more than ${MOST_STATEMENTS} statements, or has no end`)
    }
    return { rows: unknownRows(statement), numAffectedRows: 0n }
  }
}

/** Rows that nobody has: to look at them is an error. */
function unknownRows(statement: RecordedStatement): never[] {
  return new Proxy<never[]>([], {
    get(rows, property) {
      // What `await`, a promise and the inspection of an object look at.
      if (property === 'then' || property === 'constructor' || typeof property === 'symbol') {
        if (property !== Symbol.iterator) return Reflect.get(rows, property)
      }
      statement.answerNeeded = true
      throw new AnswerNeeded('it goes by what this statement answers')
    },
  })
}

/** Keeps where each query was asked for: when it is compiled that is still on the stack. */
class StackCompiler extends PostgresQueryCompiler {
  readonly #stacks = new WeakMap<object, string>()

  override compileQuery(...args: Parameters<PostgresQueryCompiler['compileQuery']>): CompiledQuery {
    const query = super.compileQuery(...args)
    this.#stacks.set(query, stackHere())
    return query
  }

  stackOf(query: CompiledQuery): string {
    return this.#stacks.get(query) ?? stackHere()
  }
}

function stackHere(): string {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 100
  const { stack = '' } = new Error('here')
  Error.stackTraceLimit = limit
  return stack
}

class RecordingDriver implements Driver {
  readonly #connection: DatabaseConnection
  readonly #run: (query: CompiledQuery) => QueryResult<never>

  constructor(run: (query: CompiledQuery) => QueryResult<never>) {
    this.#run = run
    this.#connection = {
      executeQuery: async <R>(query: CompiledQuery) => run(query) as QueryResult<R>,
      // biome-ignore lint/correctness/useYield: no row is known
      async *streamQuery(query: CompiledQuery) {
        const { rows } = run(query)
        rows.at(0)
      },
    }
  }

  async init(): Promise<void> {}
  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#connection
  }
  async beginTransaction(): Promise<void> {
    this.#say('begin')
  }
  async commitTransaction(): Promise<void> {
    this.#say('commit')
  }
  async rollbackTransaction(): Promise<void> {
    this.#say('rollback')
  }
  async savepoint(_connection: DatabaseConnection, name: string): Promise<void> {
    this.#say(`savepoint "${name}"`)
  }
  async rollbackToSavepoint(_connection: DatabaseConnection, name: string): Promise<void> {
    this.#say(`rollback to "${name}"`)
  }
  async releaseSavepoint(_connection: DatabaseConnection, name: string): Promise<void> {
    this.#say(`release "${name}"`)
  }
  async releaseConnection(): Promise<void> {}
  async destroy(): Promise<void> {}

  #say(sql: string): void {
    this.#run({ sql, parameters: [] } as unknown as CompiledQuery)
  }
}
