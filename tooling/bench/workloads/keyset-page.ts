import { type Kysely, sql } from 'kysely'
import type { Workload } from '../contender.ts'
import { type BenchDatabase, load } from '../models.ts'
import type { Peers } from '../peers.ts'
import { POSTS } from '../schema.ts'

const TEXT = `
  select p.id, p.title, p.views, p.created_at as "createdAt", u.id as "authorId", u.display_name as "authorName"
  from posts p join users u on u.id = p.author_id
  where (p.created_at, p.id) < ((select created_at from posts where id = $1), $1)
  order by p.created_at desc, p.id desc limit 100`

const idOf = (index: number) => ((index * 7_919) % (POSTS - 100)) + 101

interface Flat {
  readonly views: unknown
  readonly authorId: number
  readonly authorName: string
}

const nested = (rows: readonly unknown[]) =>
  (rows as Flat[]).map(({ authorId, authorName, views, ...post }) => ({
    ...post,
    views: BigInt(views as string),
    author: { id: authorId, displayName: authorName },
  }))

const page = (db: Kysely<BenchDatabase>, index: number) =>
  db
    .selectFrom('posts')
    .select(['posts.id', 'posts.title', 'posts.views', 'posts.createdAt'])
    .where(
      ({ refTuple, tuple, selectFrom, val }) =>
        sql<boolean>`${refTuple('posts.createdAt', 'posts.id')} < ${tuple(
          selectFrom('posts as last').select('last.createdAt').where('last.id', '=', idOf(index)),
          val(idOf(index)),
        )}`,
    )
    .orderBy('posts.createdAt', 'desc')
    .orderBy('posts.id', 'desc')
    .limit(100)

const withAuthor = load('posts', { author: { columns: ['id', 'displayName'] } })

/** A hundred posts behind another one, newest first, each with its author. */
export function keysetPage({ pool, postgres: sql, kysely, engine }: Peers): Workload {
  return {
    name: 'keyset page',
    concurrency: [1, 16],
    contenders: [
      { name: 'pg', run: async (index) => nested((await pool.query(TEXT, [idOf(index)])).rows) },
      {
        name: 'pg-named',
        run: async (index) =>
          nested((await pool.query({ name: 'keyset', text: TEXT, values: [idOf(index)] })).rows),
      },
      {
        name: 'postgres.js',
        run: async (index) => nested(await sql.unsafe(TEXT, [idOf(index)], { prepare: true })),
      },
      {
        name: 'kysely',
        run: async (index) =>
          nested(
            await page(kysely, index)
              .innerJoin('users', 'users.id', 'posts.authorId')
              .select(['users.id as authorId', 'users.displayName as authorName'])
              .execute(),
          ),
      },
      { name: 'aquifer', run: (index) => page(engine.db, index).$call(withAuthor).execute() },
    ],
  }
}
