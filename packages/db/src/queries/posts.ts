import { type Kysely, type NotNull, sql } from 'kysely'
import type { PostRow } from '../models/post.ts'
import { countOf, type Database, load, some } from '../models/registry.ts'
import type { UserRow } from '../models/user.ts'
import type { Page, PageRequest } from './page.ts'

/** A post and who wrote it. */
export type PostWithAuthor = Pick<
  PostRow,
  'id' | 'authorId' | 'title' | 'body' | 'publishedAt' | 'createdAt'
> & {
  author: Pick<UserRow, 'id' | 'username'>
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

/** The living post of a living author with this id, drafts included, or undefined. */
export function findPost(db: Kysely<Database>, id: string): Promise<PostWithCount | undefined> {
  return withAuthor(postsOfTheLiving(db).where('id', '=', id))
    .$call(load('posts', { commentCount: countOf('posts', 'comments') }))
    .executeTakeFirst()
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
    .set({ publishedAt: sql<Date>`coalesce(published_at, now())` })
    .where('id', '=', input.postId)
    .where('authorId', '=', input.authorId)
    .returningAll()
    .executeTakeFirst()
}

/** One page of the published posts, newest first, ties by id. Page and total need one snapshot to agree. */
export function listPublishedPosts(
  db: Kysely<Database>,
  page: PageRequest,
): Promise<Page<PostWithAuthor>> {
  return newestOf(postsOfTheLiving(db), page)
}

/**
 * One page of the published posts of everyone whom `userId` follows, newest first, ties by id. Page and total need one snapshot to agree.
 *
 * @returns no posts of the user's own, and none of authors who were deleted
 */
export function feed(
  db: Kysely<Database>,
  userId: string,
  page: PageRequest,
): Promise<Page<PostWithAuthor>> {
  const followed = db
    .selectFrom('userFollows')
    .select('followeeId')
    .where('followerId', '=', userId)
  return newestOf(postsOfTheLiving(db).where('authorId', 'in', followed), page)
}

type Posts = ReturnType<typeof postsOfTheLiving>

function postsOfTheLiving(db: Kysely<Database>) {
  return db.selectFrom('posts').where(some('posts', 'author'))
}

function withAuthor(posts: Posts) {
  return posts
    .select(['id', 'authorId', 'title', 'body', 'publishedAt', 'createdAt'])
    .$call(load('posts', { author: { columns: ['id', 'username'] } }))
    .$narrowType<{ author: NotNull }>()
}

async function newestOf(
  posts: Posts,
  { limit, offset }: PageRequest,
): Promise<Page<PostWithAuthor>> {
  const published = posts.where('publishedAt', 'is not', null)
  const items = await withAuthor(published)
    .orderBy('publishedAt', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .offset(offset)
    .execute()
  const { total } = await published
    .select((e) => e.fn.countAll<bigint>().as('total'))
    .executeTakeFirstOrThrow()
  return { items, total: Number(total) }
}
