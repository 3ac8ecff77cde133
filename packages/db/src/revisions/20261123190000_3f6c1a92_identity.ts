import { type Kysely, sql } from 'kysely'

export const revision = {
  id: '3f6c1a92',
  parents: [],
  phase: 'expand',
  transaction: true,
} as const

/** Users, their roles, and who follows whom. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('users')
    .addColumn('id', 'uuid', (c) => c.primaryKey().defaultTo(sql`gen_random_uuid()`))
    .addColumn('email', 'text', (c) => c.notNull())
    .addColumn('username', 'text', (c) => c.notNull())
    .addColumn('display_name', 'text', (c) => c.notNull())
    .addColumn('password_hash', 'text', (c) => c.notNull())
    .addColumn('login_count', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('failed_login_count', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('locked_until', 'timestamptz')
    .addColumn('last_login_at', 'timestamptz')
    .addColumn('welcomed_at', 'timestamptz')
    .addColumn('metadata', 'jsonb', (c) => c.notNull().defaultTo(sql`'{}'::jsonb`))
    .addColumn('created_at', 'timestamptz', (c) => c.notNull().defaultTo(sql`now()`))
    .addColumn('updated_at', 'timestamptz', (c) => c.notNull().defaultTo(sql`now()`))
    .addColumn('deleted_at', 'timestamptz')
    .addCheckConstraint('users_email_check', sql`position('@' in email) > 1`)
    .addCheckConstraint('users_username_check', sql`username ~ '^[A-Za-z0-9_]{3,30}$'`)
    .addCheckConstraint('users_login_count_check', sql`login_count >= 0`)
    .addCheckConstraint('users_failed_login_count_check', sql`failed_login_count >= 0`)
    .addCheckConstraint('users_metadata_check', sql`jsonb_typeof(metadata) = 'object'`)
    .execute()
  await db.schema
    .createIndex('users_email_living_key')
    .unique()
    .on('users')
    .expression(sql`lower(email)`)
    .where(sql.ref('deleted_at'), 'is', null)
    .execute()
  await db.schema
    .createIndex('users_username_living_key')
    .unique()
    .on('users')
    .expression(sql`lower(username)`)
    .where(sql.ref('deleted_at'), 'is', null)
    .execute()
  await db.schema
    .createIndex('users_living_created_at_idx')
    .on('users')
    .columns(['created_at desc', 'id desc'])
    .where(sql.ref('deleted_at'), 'is', null)
    .execute()

  await db.schema
    .createTable('roles')
    .addColumn('id', 'uuid', (c) => c.primaryKey().defaultTo(sql`gen_random_uuid()`))
    .addColumn('name', 'text', (c) => c.notNull().unique())
    .addColumn('description', 'text', (c) => c.notNull().defaultTo(''))
    .addColumn('created_at', 'timestamptz', (c) => c.notNull().defaultTo(sql`now()`))
    .addColumn('updated_at', 'timestamptz', (c) => c.notNull().defaultTo(sql`now()`))
    .execute()

  await db.schema
    .createTable('user_roles')
    .addColumn('user_id', 'uuid', (c) => c.notNull().references('users.id').onDelete('cascade'))
    .addColumn('role_id', 'uuid', (c) => c.notNull().references('roles.id').onDelete('cascade'))
    .addColumn('assigned_at', 'timestamptz', (c) => c.notNull().defaultTo(sql`now()`))
    .addColumn('assigned_by', 'uuid', (c) => c.references('users.id').onDelete('set null'))
    .addPrimaryKeyConstraint('user_roles_pkey', ['user_id', 'role_id'])
    .execute()
  await db.schema.createIndex('user_roles_role_id_idx').on('user_roles').column('role_id').execute()
  await db.schema
    .createIndex('user_roles_assigned_by_idx')
    .on('user_roles')
    .column('assigned_by')
    .execute()

  await db.schema
    .createTable('user_follows')
    .addColumn('follower_id', 'uuid', (c) => c.notNull().references('users.id').onDelete('cascade'))
    .addColumn('followee_id', 'uuid', (c) => c.notNull().references('users.id').onDelete('cascade'))
    .addColumn('created_at', 'timestamptz', (c) => c.notNull().defaultTo(sql`now()`))
    .addPrimaryKeyConstraint('user_follows_pkey', ['follower_id', 'followee_id'])
    .addCheckConstraint('user_follows_not_self_check', sql`follower_id <> followee_id`)
    .execute()
  await db.schema
    .createIndex('user_follows_followee_id_idx')
    .on('user_follows')
    .columns(['followee_id', 'created_at desc'])
    .execute()
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropTable('user_follows').execute()
  await db.schema.dropTable('user_roles').execute()
  await db.schema.dropTable('roles').execute()
  await db.schema.dropTable('users').execute()
}
