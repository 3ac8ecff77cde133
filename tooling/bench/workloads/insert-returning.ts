import type { Workload } from '../contender.ts'
import type { Peers } from '../peers.ts'
import { USERS } from '../schema.ts'

const TEXT = `insert into users (email, display_name) values ($1, $2)
  returning email, display_name as "displayName", login_count as "loginCount", created_at as "createdAt"`

const RETURNED = ['email', 'displayName', 'loginCount', 'createdAt'] as const

/** One new user, with what the server filled in. */
export function insertReturning({ pool, kysely, engine }: Peers): Workload {
  const valuesOf = (index: number) => ({
    email: `new${index}@example.com`,
    displayName: `New ${index}`,
  })
  return {
    name: 'insert returning',
    concurrency: [1, 16],
    contenders: [
      {
        name: 'pg',
        async run(index) {
          const { email, displayName } = valuesOf(index)
          return (await pool.query(TEXT, [email, displayName])).rows[0]
        },
      },
      ...[
        { name: 'kysely', db: kysely },
        { name: 'aquifer', db: engine.db },
      ].map(({ name, db }) => ({
        name,
        run: (index: number) =>
          db
            .insertInto('users')
            .values(valuesOf(index))
            .returning(RETURNED)
            .executeTakeFirstOrThrow(),
      })),
    ],
    reset: async () => {
      await pool.query(`delete from users where id > ${USERS}`)
      await pool.query('vacuum users')
    },
  }
}
