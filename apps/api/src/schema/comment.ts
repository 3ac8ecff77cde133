import type { CommentWithAuthor } from '@app/db'
import { z } from '@hono/zod-openapi'
import { id, instant } from './fields.ts'
import { authorSchema, toAuthor } from './post.ts'

export const commentSchema = z
  .object({
    id: id(),
    postId: id(),
    author: authorSchema,
    body: z.string().openapi({ example: 'Where can I see it?' }),
    createdAt: instant(),
  })
  .openapi('Comment')

/** A comment as the API shows it. */
export function toComment(comment: Omit<CommentWithAuthor, 'authorId'>) {
  const { id, postId, author, body, createdAt } = comment
  return { id, postId, author: toAuthor(author), body, createdAt }
}
