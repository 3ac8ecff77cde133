import type { Kysely, NotNull } from 'kysely'
import type { CommentRow } from '../models/comment.ts'
import { type Database, load, some } from '../models/registry.ts'
import type { UserRow } from '../models/user.ts'
import type { Page, PageRequest } from './page.ts'

/** A comment and who wrote it. */
export type CommentWithAuthor = Pick<
  CommentRow,
  'id' | 'postId' | 'authorId' | 'body' | 'createdAt'
> & {
  author: Pick<UserRow, 'id' | 'username'>
}

/**
 * Adds a comment below a living, published post.
 *
 * @returns the comment, or undefined if there is no such post
 */
export function addComment(
  db: Kysely<Database>,
  input: { readonly postId: string; readonly authorId: string; readonly body: string },
): Promise<CommentRow | undefined> {
  return db
    .insertInto('comments')
    .columns(['postId', 'authorId', 'body'])
    .expression((e) =>
      e
        .selectFrom('posts')
        .select((s) => [
          'posts.id',
          s.val(input.authorId).as('authorId'),
          s.val(input.body).as('body'),
        ])
        .where('posts.id', '=', input.postId)
        .where('posts.publishedAt', 'is not', null),
    )
    .returningAll()
    .executeTakeFirst()
}

/** One page of the living comments of living authors below a post, oldest first, ties by id. Page and total need one snapshot to agree. */
export async function listComments(
  db: Kysely<Database>,
  { postId, limit, offset }: PageRequest & { readonly postId: string },
): Promise<Page<CommentWithAuthor>> {
  const below = db
    .selectFrom('comments')
    .where('postId', '=', postId)
    .where(some('comments', 'author'))
  const items = await below
    .select(['id', 'postId', 'authorId', 'body', 'createdAt'])
    .$call(load('comments', { author: { columns: ['id', 'username'] } }))
    .$narrowType<{ author: NotNull }>()
    .orderBy('createdAt')
    .orderBy('id')
    .limit(limit)
    .offset(offset)
    .execute()
  const { total } = await below
    .select((e) => e.fn.countAll<bigint>().as('total'))
    .executeTakeFirstOrThrow()
  return { items, total: Number(total) }
}
