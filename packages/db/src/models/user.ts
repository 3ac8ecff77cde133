import { defineModel, type InsertOf, type RowOf } from '@aquifer/core'
import * as c from '@aquifer/core/columns'
import { sql } from 'kysely'

/** A person with a login. E-mail and username are unique among the living, whatever their case. */
export const users = defineModel('users', {
  id: c.uuid().primaryKey().default(sql`gen_random_uuid()`),
  email: c.text(),
  username: c.text(),
  displayName: c.text(),
  /** An argon2id hash in PHC form. */
  passwordHash: c.text(),
  loginCount: c.integer().default(0),
  /** Failures since the last success. */
  failedLoginCount: c.integer().default(0),
  lockedUntil: c.timestamptz().nullable(),
  lastLoginAt: c.timestamptz().nullable(),
  /** When the welcome mail was sent; null until then. */
  welcomedAt: c.timestamptz().nullable(),
  metadata: c.jsonb<Record<string, unknown>>().default('{}'),
  createdAt: c.timestamptz().default(sql`now()`),
  updatedAt: c.timestamptz().default(sql`now()`),
  deletedAt: c.timestamptz().nullable(),
})

/** A user's row as it is read. */
export type UserRow = RowOf<typeof users>

/** What an insert of a user takes. */
export type NewUser = InsertOf<typeof users>
