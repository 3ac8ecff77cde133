import type { Profile } from '@app/db'
import { z } from '@hono/zod-openapi'
import { instant } from './fields.ts'
import { postSchema } from './post.ts'
import { toUser, userSchema } from './user.ts'

const count = () => z.int().openapi({ example: 3 })

/** A user as anybody sees them, with what they are and do here. */
export const profileSchema = userSchema
  .extend({
    roles: z.array(
      z.object({ name: z.string().openapi({ example: 'author' }), assignedAt: instant() }),
    ),
    newestPosts: z
      .array(postSchema.pick({ id: true, title: true, publishedAt: true }))
      .openapi({ description: 'At most three.' }),
    postCount: count(),
    followerCount: count(),
    followingCount: count(),
  })
  .openapi('Profile')

/** A profile as the API shows it. */
export function toProfile(profile: Profile) {
  const { roles, posts, postCount, followerCount, followingCount } = profile
  return {
    ...toUser(profile),
    roles: roles.map(({ name, pivot }) => ({ name, assignedAt: pivot.assignedAt })),
    newestPosts: posts,
    postCount,
    followerCount,
    followingCount,
  }
}
