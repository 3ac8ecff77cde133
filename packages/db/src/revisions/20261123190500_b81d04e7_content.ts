import { type Kysely, sql } from 'kysely'

export const revision = {
  id: 'b81d04e7',
  parents: ['3f6c1a92'],
  phase: 'expand',
  transaction: true,
} as const

/** Posts and the comments below them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('posts')
    .addColumn('id', 'uuid', (c) => c.primaryKey().defaultTo(sql`gen_random_uuid()`))
    .addColumn('author_id', 'uuid', (c) => c.notNull().references('users.id').onDelete('cascade'))
    .addColumn('title', 'text', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .addColumn('published_at', 'timestamptz')
    .addColumn('metadata', 'jsonb', (c) => c.notNull().defaultTo(sql`'{}'::jsonb`))
    .addColumn('created_at', 'timestamptz', (c) => c.notNull().defaultTo(sql`now()`))
    .addColumn('updated_at', 'timestamptz', (c) => c.notNull().defaultTo(sql`now()`))
    .addColumn('deleted_at', 'timestamptz')
    .addCheckConstraint('posts_title_check', sql`title <> ''`)
    .addCheckConstraint('posts_metadata_check', sql`jsonb_typeof(metadata) = 'object'`)
    .execute()
  await db.schema
    .createIndex('posts_author_id_idx')
    .on('posts')
    .columns(['author_id', 'created_at desc'])
    .execute()
  await db.schema
    .createIndex('posts_published_idx')
    .on('posts')
    .columns(['published_at desc', 'id desc'])
    .where(sql<boolean>`published_at is not null and deleted_at is null`)
    .execute()

  await db.schema
    .createTable('comments')
    .addColumn('id', 'uuid', (c) => c.primaryKey().defaultTo(sql`gen_random_uuid()`))
    .addColumn('post_id', 'uuid', (c) => c.notNull().references('posts.id').onDelete('cascade'))
    .addColumn('author_id', 'uuid', (c) => c.notNull().references('users.id').onDelete('cascade'))
    .addColumn('body', 'text', (c) => c.notNull())
    .addColumn('created_at', 'timestamptz', (c) => c.notNull().defaultTo(sql`now()`))
    .addColumn('updated_at', 'timestamptz', (c) => c.notNull().defaultTo(sql`now()`))
    .addColumn('deleted_at', 'timestamptz')
    .addCheckConstraint('comments_body_check', sql`body <> ''`)
    .execute()
  await db.schema
    .createIndex('comments_post_id_idx')
    .on('comments')
    .columns(['post_id', 'created_at', 'id'])
    .execute()
  await db.schema.createIndex('comments_author_id_idx').on('comments').column('author_id').execute()
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropTable('comments').execute()
  await db.schema.dropTable('posts').execute()
}
