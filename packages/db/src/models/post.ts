import { defineModel, type RowOf } from '@aquifer/core'
import * as c from '@aquifer/core/columns'
import { sql } from 'kysely'

/** A text of one author; a draft until `publishedAt` is set. */
export const posts = defineModel('posts', {
  id: c.uuid().primaryKey().default(sql`gen_random_uuid()`),
  authorId: c.uuid(),
  title: c.text(),
  body: c.text(),
  publishedAt: c.timestamptz().nullable(),
  metadata: c.jsonb<Record<string, unknown>>().default('{}'),
  createdAt: c.timestamptz().default(sql`now()`),
  updatedAt: c.timestamptz().default(sql`now()`),
  deletedAt: c.timestamptz().nullable(),
})

/** A post's row as it is read. */
export type PostRow = RowOf<typeof posts>
