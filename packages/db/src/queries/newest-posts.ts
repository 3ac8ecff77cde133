import type { ExpressionBuilder } from 'kysely'
import type { Database } from '../models/registry.ts'

/** The posts that anybody may see. */
export const published = (e: ExpressionBuilder<Database, 'posts'>) =>
  e('publishedAt', 'is not', null)

/** The edge of a user's newest three published posts, newest first. */
export const newestPosts = {
  columns: ['id', 'title', 'publishedAt'],
  where: published,
  orderBy: [
    ['publishedAt', 'desc'],
    ['id', 'desc'],
  ],
  limit: 3,
} as const
