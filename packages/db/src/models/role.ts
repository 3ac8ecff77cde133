import { defineModel, type RowOf } from '@aquifer/core'
import * as c from '@aquifer/core/columns'
import { belongsTo, manyToMany, timestamps } from '@aquifer/core/models'
import { sql } from 'kysely'

/** A named set of rights. */
export const roles = defineModel(
  'roles',
  {
    id: c.uuid().primaryKey().default(sql`gen_random_uuid()`),
    name: c.text().unique(),
    description: c.text().default(''),
    ...timestamps(),
  },
  {
    relations: {
      users: manyToMany('users', { through: 'userRoles', from: 'roleId', to: 'userId' }),
    },
  },
)

/** Who has which role, since when and by whose hand. */
export const userRoles = defineModel(
  'userRoles',
  {
    userId: c.uuid().primaryKey(),
    roleId: c.uuid().primaryKey(),
    assignedAt: c.timestamptz().default(sql`now()`),
    assignedBy: c.uuid().nullable(),
  },
  {
    indexes: [{ on: 'roleId' }, { on: 'assignedBy' }],
    relations: {
      user: belongsTo('users', 'userId', { onDelete: 'cascade' }),
      role: belongsTo('roles', 'roleId', { onDelete: 'cascade' }),
      assigner: belongsTo('users', 'assignedBy', { onDelete: 'set null' }),
    },
  },
)

/** A role's row as it is read. */
export interface RoleRow extends RowOf<typeof roles> {}
