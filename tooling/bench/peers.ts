import { createEngine, type Engine, type Profile, presets } from '@aquifer/core'
import { nPlusOne } from '@aquifer/core/load'
import { CamelCasePlugin, Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import Cursor from 'pg-cursor'
import postgres from 'postgres'
import { type BenchDatabase, models } from './models.ts'

/** The same database through hand-written pg, postgres.js, Kysely as it comes, and an engine. */
export interface Peers extends AsyncDisposable {
  readonly pool: pg.Pool
  readonly postgres: postgres.Sql
  readonly kysely: Kysely<BenchDatabase>
  readonly engine: Engine<BenchDatabase>
  /** An engine that sends autocommit statements over shared connections. */
  readonly multiplexing: Engine<BenchDatabase>
  /** An engine that looks for queries that are repeated for each row. */
  readonly watching: Engine<BenchDatabase>
}

const CONNECTIONS = 10
const SHARED_CONNECTIONS = 2

/** Opens all peers with the same number of connections. None of them has connected yet. */
export function openPeers(url: string): Peers {
  const pool = openPool(url)
  const sql = postgres(url, { max: CONNECTIONS })
  const kysely = new Kysely<BenchDatabase>({
    dialect: new PostgresDialect({ pool: openPool(url), cursor: Cursor }),
    plugins: [new CamelCasePlugin()],
  })
  const engine = openEngine(url)
  const multiplexing = openEngine(url, { multiplex: { connections: SHARED_CONNECTIONS } })
  const watching = createEngine({
    models,
    profile: engine.profile,
    watch: nPlusOne('log'),
  })
  return {
    pool,
    postgres: sql,
    kysely,
    engine,
    multiplexing,
    watching,
    async [Symbol.asyncDispose]() {
      await Promise.all([
        pool.end(),
        sql.end(),
        kysely.destroy(),
        engine.close(),
        multiplexing.close(),
        watching.close(),
      ])
    },
  }
}

function openEngine(url: string, changes: Partial<Profile> = {}): Engine<BenchDatabase> {
  return createEngine({
    models,
    profile: {
      ...presets.api,
      name: 'bench',
      service: 'bench',
      version: '0',
      url,
      size: CONNECTIONS,
      overflow: 0,
      ...changes,
    },
  })
}

function openPool(url: string): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max: CONNECTIONS })
  // Its end() does not wait for its connections, which then see the server go.
  pool.on('error', () => {})
  return pool
}
