import type { Workload } from '../contender.ts'
import type { Peers } from '../peers.ts'

/** A transaction in which nothing is done. */
export function emptyTransaction({ pool, postgres: sql, kysely, engine }: Peers): Workload {
  return {
    name: 'empty transaction',
    concurrency: [1, 16],
    contenders: [
      {
        name: 'pg',
        async run() {
          const client = await pool.connect()
          await client.query('begin')
          await client.query('commit')
          client.release()
        },
      },
      { name: 'postgres.js', run: () => sql.begin(() => undefined) },
      { name: 'kysely', run: () => kysely.transaction().execute(async () => undefined) },
      { name: 'aquifer', run: () => engine.transaction(async () => undefined) },
    ],
  }
}
