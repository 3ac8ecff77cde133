import type { Kysely } from 'kysely'
import type { Workload } from '../contender.ts'
import { type BenchDatabase, load } from '../models.ts'
import type { Peers } from '../peers.ts'
import { USERS } from '../schema.ts'
import { NESTED, NEWEST, nestedByKysely, newestByKysely, typed } from './blog-by-hand.ts'

const afterOf = (index: number) => (index * 7_919) % (USERS - 500)

const tree = load('users', {
  posts: {
    columns: ['id', 'title', 'views', 'createdAt'],
    load: { comments: { columns: ['id', 'body', 'createdAt'] } },
  },
  roles: true,
})

const newest = load('users', {
  posts: {
    columns: ['id', 'title', 'views', 'createdAt'],
    orderBy: [['createdAt', 'desc']],
    limit: 3,
  },
})

const users = (db: Kysely<BenchDatabase>, index: number, count: number) =>
  db.selectFrom('users').where('id', '>', afterOf(index)).orderBy('id').limit(count)

/** Fifty users, their posts and the comments on those, and their roles. */
export const nestedList = (peers: Peers): Workload => nested(peers, 'nested list', [1, 16], 50)

/** The same of five hundred users. */
export const nestedFiveHundred = (peers: Peers): Workload => nested(peers, 'nested 500', [1], 500)

function nested(
  peers: Peers,
  name: string,
  concurrency: readonly number[],
  count: number,
): Workload {
  const { pool, postgres: sql, kysely, engine } = peers
  const values = (index: number) => [afterOf(index), count]
  return {
    name,
    concurrency,
    compared: Math.ceil(2_000 / count),
    contenders: [
      { name: 'pg', run: async (index) => typed((await pool.query(NESTED, values(index))).rows) },
      {
        name: 'pg-named',
        run: async (index) => {
          const query = { name: `nested_${count}`, text: NESTED, values: values(index) }
          return typed((await pool.query(query)).rows)
        },
      },
      {
        name: 'postgres.js',
        run: async (index) =>
          typed([...(await sql.unsafe(NESTED, values(index), { prepare: true }))]),
      },
      {
        name: 'kysely',
        run: async (index) => typed(await nestedByKysely(kysely, afterOf(index), count)),
      },
      {
        name: 'aquifer',
        run: (index) =>
          users(engine.db, index, count)
            .select(['id', 'email', 'displayName', 'createdAt'])
            .$call(tree)
            .execute(),
      },
    ],
  }
}

/** Fifty users and the three newest posts of each. */
export function newestThree(peers: Peers): Workload {
  const { pool, postgres: sql, kysely, engine } = peers
  const values = (index: number) => [afterOf(index)]
  return {
    name: 'newest three',
    concurrency: [1, 16],
    contenders: [
      { name: 'pg', run: async (index) => typed((await pool.query(NEWEST, values(index))).rows) },
      {
        name: 'pg-named',
        run: async (index) =>
          typed((await pool.query({ name: 'newest', text: NEWEST, values: values(index) })).rows),
      },
      {
        name: 'postgres.js',
        run: async (index) =>
          typed([...(await sql.unsafe(NEWEST, values(index), { prepare: true }))]),
      },
      { name: 'kysely', run: async (index) => typed(await newestByKysely(kysely, afterOf(index))) },
      {
        name: 'aquifer',
        run: (index) => users(engine.db, index, 50).select(['id', 'email']).$call(newest).execute(),
      },
    ],
  }
}
