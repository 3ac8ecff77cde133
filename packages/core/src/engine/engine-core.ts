import {
  type CompiledQuery,
  type DialectAdapter,
  type Driver,
  Kysely,
  type KyselyProps,
  PostgresAdapter,
  PostgresIntrospector,
  type QueryCompiler,
  type QueryResult,
} from 'kysely'
import { Alone } from '../pool/alone.ts'
import type { Answers } from '../pool/answer.ts'
import { Pool } from '../pool/pool.ts'
import type { Statement } from '../pool/statement.ts'
import { nowhere } from '../time/call-site.ts'
import { Deadline } from '../time/deadline.ts'
import { ownStatement } from './begin-flight.ts'
import { EngineCompiler } from './compiler.ts'
import type { EngineConnection } from './connection.ts'
import { EngineDriver } from './driver.ts'
import { EngineExecutor, type QueryRunner } from './executor.ts'
import type { QueryOptions } from './flown.ts'
import type { TransactionGuard } from './guarded-unit.ts'
import { JoinedDriver } from './joined-driver.ts'
import { KyselyScope } from './kysely-scope.ts'
import { LeasedConnection } from './leased-connection.ts'
import { PlainCompiler } from './plain-compiler.ts'
import { type Profile, poolSettingsOf } from './profile.ts'
import type { Rewriter } from './rewriter.ts'
import { runCompiled } from './run-compiled.ts'
import { TransactionMarks } from './transaction-mark.ts'

/** What several selects that travel together stand in, so that none sees what was committed between them. */
const beginSnapshot = ownStatement('begin isolation level repeatable read read only')
const endSnapshot = ownStatement('commit')

/** What the Kysely instances over one kind of connection share. */
type Parts = Pick<KyselyProps, 'config' | 'dialect' | 'driver'>

/** What an engine stands on besides its profile. */
export interface CoreParts {
  /** What its connections come from, if not from the profile's server. */
  readonly pool?: Pool | undefined
  /** What queries become by the models that they name. */
  readonly rewriter?: Rewriter | undefined
  /** Looks after Kysely's own transactions. */
  readonly guard?: TransactionGuard | undefined
}

/**
 * A profile, its pool and its Kysely instance. What lies above (sessions) says through `surrounding`
 * which connection a statement of `db` has to use.
 */
export class EngineCore<DB> {
  readonly profile: Profile
  readonly pool: Pool
  /** Runs statements outside of any transaction. */
  readonly alone: Alone
  readonly compiler: EngineCompiler
  readonly db: Kysely<DB>
  readonly #plainCompiler: QueryCompiler
  readonly #adapter: DialectAdapter = new PostgresAdapter()
  readonly #joined: Parts
  /** Kysely's own transactions. */
  readonly scope: KyselyScope = new KyselyScope()
  /** By what COMMITs are asked for whose answers are lost. */
  readonly marks: TransactionMarks
  readonly #guard: TransactionGuard | undefined

  constructor(
    profile: Profile,
    surrounding: () => EngineConnection | undefined,
    { pool = new Pool(poolSettingsOf(profile)), rewriter, guard }: CoreParts = {},
  ) {
    this.profile = profile
    this.pool = pool
    this.marks = new TransactionMarks(pool.facts)
    this.#guard = guard
    this.alone = new Alone(this.pool)
    this.compiler = new EngineCompiler(this.pool.facts, rewriter)
    this.#plainCompiler = new PlainCompiler(rewriter)
    const around = () => surrounding() ?? this.scope.joined
    const open = () => this.leasedConnection(this.#deadline())
    const driver = new EngineDriver(this.pool, open, this.scope)
    this.#joined = this.#partsOver(new JoinedDriver())
    this.db = this.#kysely(this.#partsOver(driver), {
      execute: (compiled, options) =>
        around()?.executeQuery(compiled, options) ??
        this.executeAlone(compiled, this.#deadline(), options.signal),
      stream: (compiled, chunkSize, options) =>
        around()?.streamQuery(compiled, chunkSize, options) ??
        this.streamAlone(compiled, chunkSize, { ...options, deadline: this.#deadline() }),
      place: () => around() ?? this,
      provider: { provideConnection: (consumer) => this.scope.provide(around(), open, consumer) },
    })
  }

  /**
   * Runs one query on any connection, in a transaction of its own. Of several statements all see the same rows.
   */
  executeAlone<Row>(
    compiled: CompiledQuery,
    deadline: Deadline,
    signal: AbortSignal | undefined,
  ): Promise<QueryResult<Row>> {
    // It cannot be forgotten, so that nobody will ask who holds its lease.
    const options = { deadline, signal, takenAt: nowhere }
    const send = (flight: readonly Statement[]) =>
      flight.length === 1
        ? this.alone.run(flight, options)
        : this.alone.run([beginSnapshot, ...flight, endSnapshot], options).then(withoutEnd)
    return runCompiled<Row>(this.compiler, compiled, { send, context: undefined })
  }

  /** Streams on a lease and in a transaction of its own. */
  async *streamAlone<Row>(
    compiled: CompiledQuery,
    chunkSize: number,
    options: QueryOptions & { readonly deadline: Deadline },
  ): AsyncIterableIterator<QueryResult<Row>> {
    const connection = this.leasedConnection(options.deadline)
    try {
      yield* connection.streamQuery<Row>(compiled, chunkSize, options)
    } finally {
      await connection.release()
    }
  }

  /** A connection that takes a lease when it is first used. */
  leasedConnection(deadline: Deadline): LeasedConnection {
    const { pool, compiler, marks } = this
    const guard = this.#guard
    const takenAt = pool.noteCallSite()
    return new LeasedConnection({ pool, compiler, marks, guard, deadline, takenAt })
  }

  /** A Kysely instance whose every statement runs on `connection`. */
  kyselyOver(connection: EngineConnection): Kysely<DB> {
    return this.#kysely(this.#joined, {
      execute: (compiled, options) => connection.executeQuery(compiled, options),
      stream: (compiled, chunkSize, options) =>
        connection.streamQuery(compiled, chunkSize, options),
      place: () => connection,
      provider: { provideConnection: (consumer) => consumer(connection) },
    })
  }

  #partsOver(driver: Driver): Parts {
    const dialect = {
      createAdapter: () => this.#adapter,
      createDriver: () => driver,
      createIntrospector: (db: Kysely<unknown>) => new PostgresIntrospector(db),
      createQueryCompiler: () => this.compiler,
    }
    return { config: { dialect }, dialect, driver }
  }

  #kysely({ config, dialect, driver }: Parts, runner: QueryRunner): Kysely<DB> {
    const { compiler, scope } = this
    const plainCompiler = this.#plainCompiler
    const adapter = this.#adapter
    const executor = new EngineExecutor({ runner, scope, adapter, compiler, plainCompiler })
    return new Kysely<DB>({ config, dialect, driver, executor })
  }

  #deadline(): Deadline {
    return Deadline.after(this.profile.deadlineMs)
  }
}

function withoutEnd(answers: Answers): Answers {
  return answers.slice(0, -1)
}
