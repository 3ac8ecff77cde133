import { type DatabaseOf, defineModel } from '@aquifer/core'
import * as c from '@aquifer/core/columns'
import { loaders } from '@aquifer/core/load'
import { belongsTo, hasMany, manyToMany } from '@aquifer/core/models'
import { sql } from 'kysely'

/** The tables of the bench, as an engine sees them. */
export const models = {
  users: defineModel(
    'users',
    {
      id: c.integer().identity().primaryKey(),
      email: c.text(),
      displayName: c.text(),
      loginCount: c.integer().default(0),
      active: c.boolean().default(true),
      createdAt: c.timestamptz().default(sql`now()`),
    },
    {
      relations: {
        posts: hasMany('posts', 'authorId'),
        roles: manyToMany('roles', { through: 'userRoles', from: 'userId', to: 'roleId' }),
      },
    },
  ),
  posts: defineModel(
    'posts',
    {
      id: c.integer().primaryKey(),
      authorId: c.integer(),
      title: c.text(),
      views: c.bigint(),
      createdAt: c.timestamptz(),
    },
    {
      relations: {
        author: belongsTo('users', 'authorId'),
        comments: hasMany('comments', 'postId'),
      },
    },
  ),
  comments: defineModel('comments', {
    id: c.integer().primaryKey(),
    postId: c.integer(),
    body: c.text(),
    createdAt: c.timestamptz(),
  }),
  roles: defineModel('roles', { id: c.integer().primaryKey(), name: c.text() }),
  userRoles: defineModel('userRoles', {
    userId: c.integer().primaryKey(),
    roleId: c.integer().primaryKey(),
  }),
  accounts: defineModel('accounts', { id: c.integer(), balance: c.integer() }),
  transfers: defineModel('transfers', {
    id: c.integer().generated(),
    fromId: c.integer(),
    toId: c.integer(),
    amount: c.integer(),
    createdAt: c.timestamptz().default(sql`now()`),
  }),
  readings: defineModel('readings', {
    id: c.integer(),
    sensor: c.text(),
    value: c.integer(),
    valid: c.boolean(),
    takenAt: c.timestamptz(),
  }),
}

/** The tables of the bench, as Kysely and the engine type them. */
export type BenchDatabase = DatabaseOf<typeof models>

export const { load, loadJson } = loaders(models)
