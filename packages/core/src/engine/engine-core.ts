import {
  DefaultQueryExecutor,
  type DialectAdapter,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryCompiler,
  type QueryResult,
} from 'kysely'
import { Pool } from '../pool/pool.ts'
import type { Deadline } from '../time/deadline.ts'
import type { EngineConnection } from './connection.ts'
import { EngineDriver } from './driver.ts'
import { JoinedDriver } from './joined-driver.ts'
import { LeasedConnection } from './leased-connection.ts'
import { NameMapping } from './name-mapping.ts'
import { type Profile, poolSettingsOf } from './profile.ts'

/**
 * A profile, its pool and its Kysely instance. What lies above (sessions) says through `surrounding`
 * which connection a statement of `db` has to use.
 */
export class EngineCore<DB> {
  readonly profile: Profile
  readonly pool: Pool
  readonly names: NameMapping = new NameMapping()
  readonly db: Kysely<DB>
  readonly #compiler: QueryCompiler = new PostgresQueryCompiler()
  readonly #adapter: DialectAdapter = new PostgresAdapter()

  constructor(profile: Profile, surrounding: () => EngineConnection | undefined) {
    this.profile = profile
    this.pool = new Pool(poolSettingsOf(profile))
    const { pool, names } = this
    this.db = new Kysely<DB>({
      dialect: {
        createAdapter: () => this.#adapter,
        createDriver: () =>
          new EngineDriver({ pool, names, deadlineMs: profile.deadlineMs, surrounding }),
        createIntrospector: (db) => new PostgresIntrospector(db),
        createQueryCompiler: () => this.#compiler,
      },
      plugins: [names],
    })
  }

  /** Streams on a lease and in a transaction of its own. */
  async *streamAlone<Row>(
    deadline: Deadline,
    request: Parameters<EngineConnection['streamQuery']>,
  ): AsyncIterableIterator<QueryResult<Row>> {
    const lease = await this.pool.acquire({ deadline, signal: request[2]?.signal })
    try {
      yield* new LeasedConnection(lease, this.names, deadline).streamQuery<Row>(...request)
    } finally {
      lease.release()
    }
  }

  /** A Kysely instance whose every statement runs on `connection`. */
  kyselyOver(connection: EngineConnection): Kysely<DB> {
    const driver = new JoinedDriver(connection)
    const dialect = {
      createAdapter: () => this.#adapter,
      createDriver: () => driver,
      createIntrospector: (db: Kysely<unknown>) => new PostgresIntrospector(db),
      createQueryCompiler: () => this.#compiler,
    }
    const provider = {
      provideConnection: <T>(consumer: (c: EngineConnection) => Promise<T>) => consumer(connection),
    }
    const executor = new DefaultQueryExecutor(this.#compiler, this.#adapter, provider, [this.names])
    return new Kysely<DB>({ config: { dialect, plugins: [this.names] }, dialect, driver, executor })
  }
}
