import type { PostWithAuthor } from '@app/db'
import { z } from '@hono/zod-openapi'
import { id, instant } from './fields.ts'

/** Who wrote something. */
export const authorSchema = z
  .object({ id: id(), username: z.string().openapi({ example: 'ada' }) })
  .openapi('Author')

export const postSchema = z
  .object({
    id: id(),
    author: authorSchema,
    title: z.string().openapi({ example: 'Notes on the Analytical Engine' }),
    body: z.string().openapi({ example: 'It can do whatever we know how to order it to perform.' }),
    publishedAt: instant().nullable().openapi({ description: 'Null for a draft.' }),
    createdAt: instant(),
  })
  .openapi('Post')

export const postWithCountSchema = postSchema
  .extend({ commentCount: z.int().openapi({ example: 3 }) })
  .openapi('PostWithCount')

/** Picks what is shown of who wrote something; the row may have more. */
export function toAuthor({ id, username }: PostWithAuthor['author']) {
  return { id, username }
}

/** A post as the API shows it. */
export function toPost(post: Omit<PostWithAuthor, 'authorId'>) {
  const { id, author, title, body, publishedAt, createdAt } = post
  return { id, author: toAuthor(author), title, body, publishedAt, createdAt }
}
