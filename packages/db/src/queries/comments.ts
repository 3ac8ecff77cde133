import type { Kysely } from 'kysely'
import type { CommentRow } from '../models/comment.ts'
import type { Database } from '../models/registry.ts'
import type { Page, PageRequest } from './page.ts'

/** A comment with the name of who wrote it. */
export type CommentWithAuthor = Pick<
  CommentRow,
  'id' | 'postId' | 'authorId' | 'body' | 'createdAt'
> & {
  authorUsername: string
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
        .where('posts.publishedAt', 'is not', null)
        .where('posts.deletedAt', 'is', null),
    )
    .returningAll()
    .executeTakeFirst()
}

/** One page of the living comments below a post, oldest first, ties by id. Page and total need one snapshot to agree. */
export async function listComments(
  db: Kysely<Database>,
  { postId, limit, offset }: PageRequest & { readonly postId: string },
): Promise<Page<CommentWithAuthor>> {
  const below = db
    .selectFrom('comments')
    .innerJoin('users', 'users.id', 'comments.authorId')
    .where('comments.postId', '=', postId)
    .where('comments.deletedAt', 'is', null)
    .where('users.deletedAt', 'is', null)
  const items = await below
    .select([
      'comments.id',
      'comments.postId',
      'comments.authorId',
      'comments.body',
      'comments.createdAt',
      'users.username as authorUsername',
    ])
    .orderBy('comments.createdAt')
    .orderBy('comments.id')
    .limit(limit)
    .offset(offset)
    .execute()
  const { total } = await below
    .select((e) => e.fn.countAll<bigint>().as('total'))
    .executeTakeFirstOrThrow()
  return { items, total: Number(total) }
}
