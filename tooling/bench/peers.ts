import { createEngine, type DatabaseOf, defineModel, type Engine, presets } from '@aquifer/core'
import * as c from '@aquifer/core/columns'
import { CamelCasePlugin, Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'

const models = {
  users: defineModel('users', {
    id: c.integer().generated(),
    email: c.text(),
    displayName: c.text(),
    loginCount: c.integer().default(0),
    active: c.boolean().default(true),
    createdAt: c.timestamptz().default(sql`now()`),
  }),
}

/** The tables of the bench, as Kysely and the engine see them. */
export type BenchDatabase = DatabaseOf<typeof models>

/** The same database through hand-written pg, through Kysely as it comes, and through an engine. */
export interface Peers extends AsyncDisposable {
  readonly pool: pg.Pool
  readonly kysely: Kysely<BenchDatabase>
  readonly engine: Engine<BenchDatabase>
}

const CONNECTIONS = 10

/** Opens all peers with the same number of connections. None of them has connected yet. */
export function openPeers(url: string): Peers {
  const pool = openPool(url)
  const kysely = new Kysely<BenchDatabase>({
    dialect: new PostgresDialect({ pool: openPool(url) }),
    plugins: [new CamelCasePlugin()],
  })
  const engine = createEngine({
    models,
    profile: {
      ...presets.api,
      name: 'bench',
      service: 'bench',
      version: '0',
      url,
      size: CONNECTIONS,
      overflow: 0,
    },
  })
  return {
    pool,
    kysely,
    engine,
    async [Symbol.asyncDispose]() {
      await Promise.all([pool.end(), kysely.destroy(), engine.close()])
    },
  }
}

function openPool(url: string): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max: CONNECTIONS })
  // Its end() does not wait for its connections, which then see the server go.
  pool.on('error', () => {})
  return pool
}
