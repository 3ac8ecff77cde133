import { defineModel, type InsertOf, type RowOf } from '@aquifer/core'
import * as c from '@aquifer/core/columns'
import { hasMany, manyToMany, softDelete, timestamps } from '@aquifer/core/models'
import { sql } from 'kysely'

/** A person with a login. E-mail and username are unique among the living, whatever their case. */
export const users = defineModel(
  'users',
  {
    id: c.uuid().primaryKey().default(sql`gen_random_uuid()`),
    email: c.text().check((email) => sql`position('@' in ${email}) > 1`),
    username: c.text().check((username) => sql`${username} ~ '^[A-Za-z0-9_]{3,30}$'`),
    displayName: c.text(),
    /** An argon2id hash in PHC form. */
    passwordHash: c.text().hidden().guarded(),
    loginCount: c
      .integer()
      .default(0)
      .guarded()
      .check((count) => sql`${count} >= 0`),
    /** Failures since the last success. */
    failedLoginCount: c
      .integer()
      .default(0)
      .hidden()
      .guarded()
      .check((count) => sql`${count} >= 0`),
    lockedUntil: c.timestamptz().nullable().hidden().guarded(),
    lastLoginAt: c.timestamptz().nullable().guarded(),
    /** When the welcome mail was sent; null until then. */
    welcomedAt: c.timestamptz().nullable().guarded(),
    metadata: c
      .jsonb<Record<string, unknown>>()
      .default('{}')
      .check((metadata) => sql`jsonb_typeof(${metadata}) = 'object'`),
    ...timestamps(),
    ...softDelete(),
  },
  {
    indexes: [
      {
        name: 'users_email_living_key',
        on: sql`lower(email)`,
        unique: true,
        where: sql`deleted_at is null`,
      },
      {
        name: 'users_username_living_key',
        on: sql`lower(username)`,
        unique: true,
        where: sql`deleted_at is null`,
      },
      {
        name: 'users_living_created_at_idx',
        on: [
          { column: 'createdAt', order: 'desc' },
          { column: 'id', order: 'desc' },
        ],
        where: sql`deleted_at is null`,
      },
    ],
    relations: {
      posts: hasMany('posts', 'authorId'),
      comments: hasMany('comments', 'authorId'),
      accounts: hasMany('accounts', 'ownerId'),
      exports: hasMany('exports', 'requestedBy'),
      roles: manyToMany('roles', { through: 'userRoles', from: 'userId', to: 'roleId' }),
      followers: manyToMany('users', {
        through: 'userFollows',
        from: 'followeeId',
        to: 'followerId',
      }),
      following: manyToMany('users', {
        through: 'userFollows',
        from: 'followerId',
        to: 'followeeId',
      }),
    },
  },
)

/** A user's row as it is read. */
export interface UserRow extends RowOf<typeof users> {}

/** What an insert of a user takes. */
export interface NewUser extends InsertOf<typeof users> {}
