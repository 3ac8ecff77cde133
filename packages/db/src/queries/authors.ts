import type { Kysely } from 'kysely'
import type { PostRow } from '../models/post.ts'
import { type Database, load, some } from '../models/registry.ts'
import type { UserRow } from '../models/user.ts'
import { newestPosts, published } from './newest-posts.ts'
import type { PageRequest } from './page.ts'

/** Somebody who has published, and what they published last. */
export type AuthorWithNewestPosts = Pick<UserRow, 'id' | 'username' | 'displayName'> & {
  /** At most three, newest first. */
  posts: Pick<PostRow, 'id' | 'title' | 'publishedAt'>[]
}

/** A part of the living users who have published anything, by username, each with their newest three posts. */
export function listAuthorsWithNewestPosts(
  db: Kysely<Database>,
  { limit, offset }: PageRequest,
): Promise<AuthorWithNewestPosts[]> {
  return db
    .selectFrom('users')
    .select(['id', 'username', 'displayName'])
    .where(some('users', 'posts', published))
    .$call(load('users', { posts: newestPosts }))
    .orderBy('username')
    .orderBy('id')
    .limit(limit)
    .offset(offset)
    .execute()
}
