import { byHand } from '../by-hand.ts'
import { byKysely } from '../by-kysely.ts'
import type { Workload } from '../contender.ts'
import type { Peers } from '../peers.ts'
import { USERS } from '../schema.ts'

const TEXT = `insert into users (email, display_name) values ($1, $2)
  returning email, display_name as "displayName", login_count as "loginCount", created_at as "createdAt"`

const RETURNED = ['email', 'displayName', 'loginCount', 'createdAt'] as const

const emailOf = (index: number) => `new${index}@example.com`
const nameOf = (index: number) => `New ${index}`

/** One new user, with what the server filled in. */
export function insertReturning(peers: Peers): Workload {
  const { pool, postgres: sql } = peers
  return {
    name: 'insert returning',
    concurrency: [1, 16],
    contenders: [
      ...byHand(pool, {
        name: 'insert_returning',
        text: TEXT,
        values: (index) => [emailOf(index), nameOf(index)],
      }),
      {
        name: 'postgres.js',
        run: async (index) => {
          const [user] = await sql`
            insert into users (email, display_name) values (${emailOf(index)}, ${nameOf(index)})
            returning email, display_name as "displayName", login_count as "loginCount", created_at as "createdAt"`
          return user
        },
      },
      ...byKysely(peers, (db, index) =>
        db
          .insertInto('users')
          .values({ email: emailOf(index), displayName: nameOf(index) })
          .returning(RETURNED)
          .executeTakeFirstOrThrow(),
      ),
    ],
    reset: async () => {
      await pool.query(`delete from users where id > ${USERS}`)
      await pool.query('vacuum users')
    },
  }
}
