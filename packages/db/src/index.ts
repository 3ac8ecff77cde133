export { type AppEngine, type DatabaseEnv, openEngine } from './engine.ts'
export { type ProfileName, profiles } from './profiles.ts'

export { type AccountRow, accounts, transfers } from './models/account.ts'
export { type CommentRow, comments } from './models/comment.ts'
export { type ExportRow, exports } from './models/export.ts'
export { userFollows } from './models/follow.ts'
export { type PostRow, posts } from './models/post.ts'
export { type Database, models } from './models/registry.ts'
export { type RoleRow, roles, userRoles } from './models/role.ts'
export { type NewUser, type UserRow, users } from './models/user.ts'

export { type AuthorWithNewestPosts, listAuthorsWithNewestPosts } from './queries/authors.ts'
export { addComment, type CommentWithAuthor, listComments } from './queries/comments.ts'
export { type Follow, follow, unfollow } from './queries/follows.ts'
export type { Page, PageRequest } from './queries/page.ts'
export {
  createPost,
  feed,
  findPost,
  listPublishedPosts,
  type PostWithAuthor,
  type PostWithCount,
  publishPost,
} from './queries/posts.ts'
export { findProfile, type Profile } from './queries/profile.ts'
export {
  createUser,
  findUserByEmail,
  findUserById,
  listUsers,
  MAX_FAILED_LOGINS,
  markWelcomed,
  type NewUserInput,
  type PublicUser,
  recordFailedLogin,
  recordLogin,
} from './queries/users.ts'

export { seed } from './seed.ts'
export { savepoint, session, transaction, type Work } from './units.ts'
