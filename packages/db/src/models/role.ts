import { defineModel, type RowOf } from '@aquifer/core'
import * as c from '@aquifer/core/columns'
import { sql } from 'kysely'

/** A named set of rights. */
export const roles = defineModel('roles', {
  id: c.uuid().primaryKey().default(sql`gen_random_uuid()`),
  name: c.text(),
  description: c.text().default(''),
  createdAt: c.timestamptz().default(sql`now()`),
  updatedAt: c.timestamptz().default(sql`now()`),
})

/** Who has which role, since when and by whose hand. */
export const userRoles = defineModel('userRoles', {
  userId: c.uuid().primaryKey(),
  roleId: c.uuid().primaryKey(),
  assignedAt: c.timestamptz().default(sql`now()`),
  assignedBy: c.uuid().nullable(),
})

/** A role's row as it is read. */
export type RoleRow = RowOf<typeof roles>
