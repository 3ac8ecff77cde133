import { defineModel } from '@aquifer/core'
import * as c from '@aquifer/core/columns'
import { belongsTo } from '@aquifer/core/models'
import { sql } from 'kysely'

/** One user follows another; nobody follows themselves. */
export const userFollows = defineModel(
  'userFollows',
  {
    followerId: c.uuid().primaryKey(),
    followeeId: c.uuid().primaryKey(),
    createdAt: c.createdAt(),
  },
  {
    checks: [{ name: 'user_follows_not_self_check', check: sql`follower_id <> followee_id` }],
    indexes: [
      {
        name: 'user_follows_followee_id_idx',
        on: ['followeeId', { column: 'createdAt', order: 'desc' }],
      },
    ],
    relations: {
      follower: belongsTo('users', 'followerId', { onDelete: 'cascade' }),
      followee: belongsTo('users', 'followeeId', { onDelete: 'cascade' }),
    },
  },
)
