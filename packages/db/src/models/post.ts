import { defineModel, type RowOf } from '@aquifer/core'
import * as c from '@aquifer/core/columns'
import { belongsTo, hasMany, softDelete, timestamps } from '@aquifer/core/models'
import { sql } from 'kysely'

/** A text of one author; a draft until `publishedAt` is set. */
export const posts = defineModel(
  'posts',
  {
    id: c.uuid().primaryKey().default(sql`gen_random_uuid()`),
    authorId: c.uuid(),
    title: c.text().check((title) => sql`${title} <> ''`),
    body: c.text(),
    publishedAt: c.timestamptz().nullable(),
    metadata: c
      .jsonb<Record<string, unknown>>()
      .default('{}')
      .check((metadata) => sql`jsonb_typeof(${metadata}) = 'object'`),
    ...timestamps(),
    ...softDelete(),
  },
  {
    indexes: [
      { name: 'posts_author_id_idx', on: ['authorId', { column: 'createdAt', order: 'desc' }] },
      {
        name: 'posts_published_idx',
        on: [
          { column: 'publishedAt', order: 'desc' },
          { column: 'id', order: 'desc' },
        ],
        where: sql`published_at is not null and deleted_at is null`,
      },
    ],
    relations: {
      author: belongsTo('users', 'authorId', { onDelete: 'cascade' }),
      comments: hasMany('comments', 'postId'),
    },
  },
)

/** A post's row as it is read. */
export interface PostRow extends RowOf<typeof posts> {}
