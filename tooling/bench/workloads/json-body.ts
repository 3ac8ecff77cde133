import type { Workload } from '../contender.ts'
import { load, loadJson } from '../models.ts'
import type { Peers } from '../peers.ts'
import { USERS } from '../schema.ts'
import { NESTED, nestedByKysely } from './blog-by-hand.ts'

const COUNT = 50

const afterOf = (index: number) => (index * 7_919) % (USERS - COUNT)

const tree = load('users', {
  posts: {
    columns: ['id', 'title', 'views', 'createdAt'],
    load: { comments: { columns: ['id', 'body', 'createdAt'] } },
  },
  roles: true,
})

/** Instants are written in two ways. */
const parsed = (answer: unknown) =>
  JSON.parse(answer as string, (name, value) =>
    name === 'createdAt' ? new Date(value).getTime() : value,
  )

/** The nested list as the text of an HTTP body: parsed and written again, or passed on as the server has written it. */
export function jsonBody({ pool, postgres: sql, kysely, engine }: Peers): Workload {
  const values = (index: number) => [afterOf(index), COUNT]
  return {
    name: 'json body',
    concurrency: [1, 16],
    same: parsed,
    contenders: [
      {
        name: 'pg',
        run: async (index) => JSON.stringify((await pool.query(NESTED, values(index))).rows),
      },
      {
        name: 'postgres.js',
        run: async (index) =>
          JSON.stringify(await sql.unsafe(NESTED, values(index), { prepare: true })),
      },
      {
        name: 'kysely',
        run: async (index) => JSON.stringify(await nestedByKysely(kysely, afterOf(index), COUNT)),
      },
      {
        name: 'aquifer',
        run: (index) =>
          loadJson(
            engine.db,
            engine.db
              .selectFrom('users')
              .select(['id', 'email', 'displayName', 'createdAt'])
              .where('id', '>', afterOf(index))
              .orderBy('id')
              .limit(COUNT)
              .$call(tree),
          ),
      },
    ],
  }
}
