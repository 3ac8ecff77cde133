import type { DatabaseOf } from '@aquifer/core'
import { loaders } from '@aquifer/core/load'
import { accounts, transfers } from './account.ts'
import { comments } from './comment.ts'
import { exports } from './export.ts'
import { userFollows } from './follow.ts'
import { posts } from './post.ts'
import { roles, userRoles } from './role.ts'
import { users } from './user.ts'

/** Every table of the application. */
export const models = {
  users,
  roles,
  userRoles,
  userFollows,
  posts,
  comments,
  accounts,
  transfers,
  exports,
} as const

/** The application's database, as Kysely types it. */
export interface Database extends DatabaseOf<typeof models> {}

/** What the queries load their relations with. */
export const { countOf, load, some } = loaders(models)
