import { byHand } from '../by-hand.ts'
import { byKysely } from '../by-kysely.ts'
import type { Workload } from '../contender.ts'
import type { Peers } from '../peers.ts'
import { USERS } from '../schema.ts'

const TEXT = `update users set login_count = $1 where id = $2
  returning id, display_name as "displayName", login_count as "loginCount", created_at as "createdAt"`

const RETURNED = ['id', 'displayName', 'loginCount', 'createdAt'] as const

const idOf = (index: number) => ((index * 7_919) % USERS) + 1

/** One user changed by primary key, and what she is now. */
export function updateReturning(peers: Peers): Workload {
  const { pool, postgres: sql } = peers
  return {
    name: 'update returning',
    concurrency: [1, 16],
    contenders: [
      ...byHand(pool, {
        name: 'update_returning',
        text: TEXT,
        values: (index) => [index, idOf(index)],
      }),
      {
        name: 'postgres.js',
        run: async (index) => {
          const [user] = await sql`
            update users set login_count = ${index} where id = ${idOf(index)}
            returning id, display_name as "displayName", login_count as "loginCount", created_at as "createdAt"`
          return user
        },
      },
      ...byKysely(peers, (db, index) =>
        db
          .updateTable('users')
          .set({ loginCount: index })
          .where('id', '=', idOf(index))
          .returning(RETURNED)
          .executeTakeFirstOrThrow(),
      ),
    ],
    reset: async () => {
      await pool.query('vacuum users')
    },
  }
}
