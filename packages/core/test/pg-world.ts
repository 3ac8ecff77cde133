import { createTestDatabase } from '@aquifer/embedded'
import pg from 'pg'
import { inject } from 'vitest'
import { createPool } from '../src/index.ts'

/** Makers of pools that have to behave alike: the first is the reference. */
export const makers: readonly (readonly [string, (config: pg.PoolConfig) => pg.Pool])[] = [
  // Without a listener a connection that breaks ends the process.
  ['pg.Pool', (config) => new pg.Pool(config).on('error', () => {})],
  ['createPool', (config) => createPool(config as object) as unknown as pg.Pool],
]

/** A database with a table `fruits`, and a pool over it. */
export interface PgWorld extends AsyncDisposable {
  readonly url: string
  readonly pool: pg.Pool
  /** Runs a statement beside the pool. */
  witness(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>
}

export async function pgWorld(
  make: (config: pg.PoolConfig) => pg.Pool,
  options: pg.PoolConfig = {},
): Promise<PgWorld> {
  const database = await createTestDatabase(inject('databaseUrl'))
  const client = new pg.Client(database.url)
  client.on('error', () => {})
  await client.connect()
  await client.query(
    'create table fruits (id int primary key, name text not null check (length(name) > 2), weight numeric)',
  )
  await client.query("insert into fruits values (1, 'apple', 1.50), (2, 'plum', null)")
  const pool = make({ connectionString: database.url, ...options })
  return {
    url: database.url,
    pool,
    witness: async (text, values) => (await client.query(text, values)).rows,
    [Symbol.asyncDispose]: async () => {
      if (!pool.ending) await pool.end()
      await client.end()
      await database[Symbol.asyncDispose]()
    },
  }
}
