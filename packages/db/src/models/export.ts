import { defineModel, type RowOf } from '@aquifer/core'
import * as c from '@aquifer/core/columns'
import { belongsTo, timestamps } from '@aquifer/core/models'
import { sql } from 'kysely'

/** A file of data that a user has asked for and a job makes. */
export const exports = defineModel(
  'exports',
  {
    id: c.uuid().primaryKey().default(sql`gen_random_uuid()`),
    requestedBy: c.uuid(),
    kind: c.oneOf('posts', 'comments'),
    status: c.oneOf('pending', 'running', 'done', 'failed').default('pending'),
    rowCount: c
      .bigint()
      .nullable()
      .check((count) => sql`${count} >= 0`),
    /** Where the file lies; null until it is done. */
    location: c.text().nullable(),
    ...timestamps(),
    finishedAt: c.timestamptz().nullable(),
  },
  {
    indexes: [
      {
        name: 'exports_requested_by_idx',
        on: ['requestedBy', { column: 'createdAt', order: 'desc' }],
      },
      {
        name: 'exports_unfinished_idx',
        on: 'createdAt',
        where: sql`status in ('pending', 'running')`,
      },
    ],
    relations: { requester: belongsTo('users', 'requestedBy', { onDelete: 'cascade' }) },
  },
)

/** An export's row as it is read. */
export interface ExportRow extends RowOf<typeof exports> {}
