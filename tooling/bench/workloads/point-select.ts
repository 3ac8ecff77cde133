import { byHand } from '../by-hand.ts'
import { byKysely, type KyselyWork } from '../by-kysely.ts'
import type { Workload } from '../contender.ts'
import type { Peers } from '../peers.ts'
import { USERS } from '../schema.ts'

const TEXT = `select id, email, display_name as "displayName", login_count as "loginCount", active,
  created_at as "createdAt" from users where id = $1`

const COLUMNS = ['id', 'email', 'displayName', 'loginCount', 'active', 'createdAt'] as const

const idOf = (index: number) => ((index * 7_919) % USERS) + 1

const select: KyselyWork = (db, index) =>
  db.selectFrom('users').select(COLUMNS).where('id', '=', idOf(index)).executeTakeFirstOrThrow()

/** One user by primary key. */
export function pointSelect(peers: Peers): Workload {
  const { pool, postgres: sql, engine, multiplexing } = peers
  return {
    name: 'point select',
    concurrency: [1, 16, 64],
    contenders: [
      ...byHand(pool, { name: 'point_select', text: TEXT, values: (index) => [idOf(index)] }),
      {
        name: 'postgres.js',
        run: async (index) => {
          const [user] = await sql`
            select id, email, display_name as "displayName", login_count as "loginCount", active,
              created_at as "createdAt" from users where id = ${idOf(index)}`
          return user
        },
      },
      ...byKysely(peers, select),
      {
        name: 'aquifer-session',
        run: (index) =>
          engine.session((session) => select(session.db, index), { mode: 'autocommit' }),
      },
      { name: 'aquifer-multiplex', run: (index) => select(multiplexing.db, index) },
    ],
  }
}
