import { defineModel, type RowOf } from '@aquifer/core'
import * as c from '@aquifer/core/columns'
import { belongsTo, softDelete, timestamps } from '@aquifer/core/models'
import { sql } from 'kysely'

/** What somebody said below a post. */
export const comments = defineModel(
  'comments',
  {
    id: c.uuid().primaryKey().default(sql`gen_random_uuid()`),
    postId: c.uuid(),
    authorId: c.uuid(),
    body: c.text().check((body) => sql`${body} <> ''`),
    ...timestamps(),
    ...softDelete(),
  },
  {
    indexes: [
      { name: 'comments_post_id_idx', on: ['postId', 'createdAt', 'id'] },
      { on: 'authorId' },
    ],
    relations: {
      post: belongsTo('posts', 'postId', { onDelete: 'cascade' }),
      author: belongsTo('users', 'authorId', { onDelete: 'cascade' }),
    },
  },
)

/** A comment's row as it is read. */
export interface CommentRow extends RowOf<typeof comments> {}
