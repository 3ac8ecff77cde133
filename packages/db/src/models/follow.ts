import { defineModel } from '@aquifer/core'
import * as c from '@aquifer/core/columns'
import { sql } from 'kysely'

/** One user follows another; nobody follows themselves. */
export const userFollows = defineModel('userFollows', {
  followerId: c.uuid().primaryKey(),
  followeeId: c.uuid().primaryKey(),
  createdAt: c.timestamptz().default(sql`now()`),
})
