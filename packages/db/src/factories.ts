import { randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { PostRow } from './models/post.ts'
import type { Database } from './models/registry.ts'
import type { NewUser, UserRow } from './models/user.ts'

/** Adds a user whose e-mail and username nobody has; what `overrides` states is taken as it is. */
export function makeUser(db: Kysely<Database>, overrides: Partial<NewUser> = {}): Promise<UserRow> {
  const username = `user_${randomUUID().slice(0, 8)}`
  const defaults = {
    email: `${username}@example.com`,
    username,
    displayName: username,
    passwordHash: 'none',
  }
  return db
    .insertInto('users')
    .values({ ...defaults, ...overrides })
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** Adds a post, published unless `publishedAt` says otherwise. */
export function makePost(
  db: Kysely<Database>,
  post: { authorId: string; title?: string; body?: string; publishedAt?: Date | null },
): Promise<PostRow> {
  const defaults = { title: 'A title', body: 'A body', publishedAt: new Date() }
  return db
    .insertInto('posts')
    .values({ ...defaults, ...post })
    .returningAll()
    .executeTakeFirstOrThrow()
}
