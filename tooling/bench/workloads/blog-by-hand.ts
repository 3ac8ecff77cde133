import type { Kysely } from 'kysely'
import { jsonArrayFrom } from 'kysely/helpers/postgres'
import type { BenchDatabase } from '../models.ts'

/** Users with their posts, those with their comments, and roles, as one JSON statement. */
export const NESTED = `
  select u.id, u.email, u.display_name as "displayName", u.created_at as "createdAt",
    (select coalesce(json_agg(p order by p.id), '[]') from (
      select p.id, p.title, p.views::text as views, p.created_at as "createdAt",
        (select coalesce(json_agg(c order by c.id), '[]') from (
          select c.id, c.body, c.created_at as "createdAt" from comments c where c.post_id = p.id
        ) c) as comments
      from posts p where p.author_id = u.id
    ) p) as posts,
    (select coalesce(json_agg(r order by r.id), '[]') from (
      select r.id, r.name from roles r join user_roles ur on ur.role_id = r.id where ur.user_id = u.id
    ) r) as roles
  from users u where u.id > $1 order by u.id limit $2`

/** Users with their three newest posts. */
export const NEWEST = `
  select u.id, u.email,
    (select coalesce(json_agg(p order by p."createdAt" desc, p.id), '[]') from (
      select p.id, p.title, p.views::text as views, p.created_at as "createdAt"
      from posts p where p.author_id = u.id order by p.created_at desc, p.id limit 3
    ) p) as posts
  from users u where u.id > $1 order by u.id limit 50`

/** What comes out of JSON without its type. */
interface Untyped {
  views?: unknown
  createdAt?: unknown
  posts?: Untyped[]
  comments?: Untyped[]
}

/** Gives the values in rows out of JSON their types back. */
export function typed(rows: readonly unknown[]): unknown[] {
  for (const row of rows as Untyped[]) {
    if (typeof row.createdAt === 'string') row.createdAt = new Date(row.createdAt)
    if (typeof row.views === 'string') row.views = BigInt(row.views)
    if (row.posts !== undefined) typed(row.posts)
    if (row.comments !== undefined) typed(row.comments)
  }
  return rows as unknown[]
}

/** The same as `NESTED`, by Kysely. */
export function nestedByKysely(db: Kysely<BenchDatabase>, after: number, count: number) {
  return db
    .selectFrom('users')
    .select(['users.id', 'users.email', 'users.displayName', 'users.createdAt'])
    .select((user) => [
      jsonArrayFrom(
        user
          .selectFrom('posts')
          .select(({ cast }) => [
            'posts.id',
            'posts.title',
            cast('posts.views', 'text').as('views'),
            'posts.createdAt',
          ])
          .select((post) =>
            jsonArrayFrom(
              post
                .selectFrom('comments')
                .select(['comments.id', 'comments.body', 'comments.createdAt'])
                .whereRef('comments.postId', '=', 'posts.id')
                .orderBy('comments.id'),
            ).as('comments'),
          )
          .whereRef('posts.authorId', '=', 'users.id')
          .orderBy('posts.id'),
      ).as('posts'),
      jsonArrayFrom(
        user
          .selectFrom('roles')
          .innerJoin('userRoles', 'userRoles.roleId', 'roles.id')
          .select(['roles.id', 'roles.name'])
          .whereRef('userRoles.userId', '=', 'users.id')
          .orderBy('roles.id'),
      ).as('roles'),
    ])
    .where('users.id', '>', after)
    .orderBy('users.id')
    .limit(count)
    .execute()
}

/** The same as `NEWEST`, by Kysely. */
export function newestByKysely(db: Kysely<BenchDatabase>, after: number) {
  return db
    .selectFrom('users')
    .select(['users.id', 'users.email'])
    .select((user) =>
      jsonArrayFrom(
        user
          .selectFrom('posts')
          .select(({ cast }) => [
            'posts.id',
            'posts.title',
            cast('posts.views', 'text').as('views'),
            'posts.createdAt',
          ])
          .whereRef('posts.authorId', '=', 'users.id')
          .orderBy('posts.createdAt', 'desc')
          .orderBy('posts.id')
          .limit(3),
      ).as('posts'),
    )
    .where('users.id', '>', after)
    .orderBy('users.id')
    .limit(50)
    .execute()
}
