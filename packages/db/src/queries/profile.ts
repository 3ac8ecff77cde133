import type { Kysely } from 'kysely'
import type { PostRow } from '../models/post.ts'
import { countOf, type Database, load } from '../models/registry.ts'
import type { RoleRow } from '../models/role.ts'
import { newestPosts, published } from './newest-posts.ts'
import { type PublicUser, publicColumns } from './users.ts'

/** A user as others may see them, with what they are and do here. */
export type Profile = PublicUser & {
  /** By name. */
  roles: (Pick<RoleRow, 'name'> & { pivot: { assignedAt: Date } })[]
  /** The newest three that are published. */
  posts: Pick<PostRow, 'id' | 'title' | 'publishedAt'>[]
  /** How many posts are published. */
  postCount: number
  followerCount: number
  followingCount: number
}

/** The profile of the living user with this id, or undefined. Deleted posts, followers and followed users are not counted. */
export function findProfile(db: Kysely<Database>, id: string): Promise<Profile | undefined> {
  return db
    .selectFrom('users')
    .select(publicColumns)
    .where('id', '=', id)
    .$call(
      load('users', {
        roles: { columns: ['name'], pivot: ['assignedAt'], orderBy: ['name'] },
        posts: newestPosts,
        postCount: countOf('users', 'posts', { where: published }),
        followerCount: countOf('users', 'followers'),
        followingCount: countOf('users', 'following'),
      }),
    )
    .executeTakeFirst()
}
