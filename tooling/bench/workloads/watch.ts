import type { Engine } from '@aquifer/core'
import type { Contender, Workload } from '../contender.ts'
import type { BenchDatabase } from '../models.ts'
import type { Peers } from '../peers.ts'
import { USERS } from '../schema.ts'

const ROWS = 20

/** A list of users and one of them again by its id, in a session: without a watch, and with one that looks for queries for each row. */
export function watch({ engine, watching }: Peers): Workload {
  return {
    name: 'watch',
    concurrency: [1, 16],
    contenders: [contender('off', engine), contender('log', watching)],
  }
}

function contender(name: string, engine: Engine<BenchDatabase>): Contender {
  return {
    name,
    run: (index) =>
      engine.session(
        async ({ db }) => {
          const first = (index * 7_919) % (USERS - ROWS)
          const rows = await db
            .selectFrom('users')
            .select(['id', 'email', 'displayName'])
            .where('id', '>', first)
            .orderBy('id')
            .limit(ROWS)
            .execute()
          const id = rows[index % ROWS]?.id ?? 1
          return db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst()
        },
        { mode: 'autocommit' },
      ),
  }
}
