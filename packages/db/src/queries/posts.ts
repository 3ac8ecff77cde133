import { type Kysely, sql } from 'kysely'
import type { PostRow } from '../models/post.ts'
import type { Database } from '../models/registry.ts'
import type { Page, PageRequest } from './page.ts'

/** A post with the name of its author. */
export type PostWithAuthor = Pick<
  PostRow,
  'id' | 'authorId' | 'title' | 'body' | 'publishedAt' | 'createdAt'
> & {
  authorUsername: string
}

/** A post and the number of living comments below it. */
export type PostWithCount = PostWithAuthor & { commentCount: number }

/** Adds a draft. */
export function createPost(
  db: Kysely<Database>,
  input: { readonly authorId: string; readonly title: string; readonly body: string },
): Promise<PostRow> {
  return db.insertInto('posts').values(input).returningAll().executeTakeFirstOrThrow()
}

/** The living post with this id, drafts included, or undefined. */
export async function findPost(
  db: Kysely<Database>,
  id: string,
): Promise<PostWithCount | undefined> {
  const post = await postsWithAuthor(db).where('posts.id', '=', id).executeTakeFirst()
  if (post === undefined) return undefined
  const { count } = await db
    .selectFrom('comments')
    .select((e) => e.fn.countAll<bigint>().as('count'))
    .where('postId', '=', id)
    .where('deletedAt', 'is', null)
    .executeTakeFirstOrThrow()
  return { ...post, commentCount: Number(count) }
}

/**
 * Publishes a living post of this author; one that was published before keeps its time.
 *
 * @returns the post, or undefined if there is none of this author with this id
 */
export function publishPost(
  db: Kysely<Database>,
  input: { readonly postId: string; readonly authorId: string },
): Promise<PostRow | undefined> {
  return db
    .updateTable('posts')
    .set({ publishedAt: sql<Date>`coalesce(published_at, now())`, updatedAt: sql<Date>`now()` })
    .where('id', '=', input.postId)
    .where('authorId', '=', input.authorId)
    .where('deletedAt', 'is', null)
    .returningAll()
    .executeTakeFirst()
}

/** One page of the published posts, newest first, ties by id. Page and total need one snapshot to agree. */
export async function listPublishedPosts(
  db: Kysely<Database>,
  { limit, offset }: PageRequest,
): Promise<Page<PostWithAuthor>> {
  const items = await postsWithAuthor(db)
    .where('posts.publishedAt', 'is not', null)
    .orderBy('posts.publishedAt', 'desc')
    .orderBy('posts.id', 'desc')
    .limit(limit)
    .offset(offset)
    .execute()
  const { total } = await db
    .selectFrom('posts')
    .innerJoin('users', 'users.id', 'posts.authorId')
    .select((e) => e.fn.countAll<bigint>().as('total'))
    .where('posts.publishedAt', 'is not', null)
    .where('posts.deletedAt', 'is', null)
    .where('users.deletedAt', 'is', null)
    .executeTakeFirstOrThrow()
  return { items, total: Number(total) }
}

function postsWithAuthor(db: Kysely<Database>) {
  return db
    .selectFrom('posts')
    .innerJoin('users', 'users.id', 'posts.authorId')
    .select([
      'posts.id',
      'posts.authorId',
      'posts.title',
      'posts.body',
      'posts.publishedAt',
      'posts.createdAt',
      'users.username as authorUsername',
    ])
    .where('posts.deletedAt', 'is', null)
    .where('users.deletedAt', 'is', null)
}
