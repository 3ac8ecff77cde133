import type { Workload } from '../contender.ts'
import type { Peers } from '../peers.ts'
import { USERS } from '../schema.ts'

const TEXT = `select id, email, display_name as "displayName", login_count as "loginCount", active,
  created_at as "createdAt" from users where id = $1`

const COLUMNS = ['id', 'email', 'displayName', 'loginCount', 'active', 'createdAt'] as const

/** One user by primary key. */
export function pointSelect({ pool, kysely, engine }: Peers): Workload {
  const idOf = (index: number) => ((index * 7_919) % USERS) + 1
  return {
    name: 'point select',
    concurrency: [1, 16, 64],
    contenders: [
      { name: 'pg', run: async (index) => (await pool.query(TEXT, [idOf(index)])).rows[0] },
      ...[
        { name: 'kysely', db: kysely },
        { name: 'aquifer', db: engine.db },
      ].map(({ name, db }) => ({
        name,
        run: (index: number) =>
          db
            .selectFrom('users')
            .select(COLUMNS)
            .where('id', '=', idOf(index))
            .executeTakeFirstOrThrow(),
      })),
    ],
  }
}
