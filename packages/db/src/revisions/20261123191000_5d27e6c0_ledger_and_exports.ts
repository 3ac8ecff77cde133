import { type Kysely, sql } from 'kysely'

export const revision = {
  id: '5d27e6c0',
  parents: ['b81d04e7'],
  phase: 'expand',
  transaction: true,
} as const

/** Accounts, the transfers between them, and exports. A user who owns an account cannot be deleted for good. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('accounts')
    .addColumn('id', 'uuid', (c) => c.primaryKey().defaultTo(sql`gen_random_uuid()`))
    .addColumn('owner_id', 'uuid', (c) => c.notNull().references('users.id').onDelete('restrict'))
    .addColumn('currency', 'text', (c) => c.notNull())
    .addColumn('balance', 'bigint', (c) => c.notNull().defaultTo(0))
    .addColumn('created_at', 'timestamptz', (c) => c.notNull().defaultTo(sql`now()`))
    .addColumn('updated_at', 'timestamptz', (c) => c.notNull().defaultTo(sql`now()`))
    .addCheckConstraint('accounts_currency_check', sql`currency ~ '^[A-Z]{3}$'`)
    .addCheckConstraint('accounts_balance_check', sql`balance >= 0`)
    .addUniqueConstraint('accounts_owner_id_currency_key', ['owner_id', 'currency'])
    .execute()

  await db.schema
    .createTable('transfers')
    .addColumn('id', 'uuid', (c) => c.primaryKey().defaultTo(sql`gen_random_uuid()`))
    .addColumn('from_account_id', 'uuid', (c) =>
      c.notNull().references('accounts.id').onDelete('restrict'),
    )
    .addColumn('to_account_id', 'uuid', (c) =>
      c.notNull().references('accounts.id').onDelete('restrict'),
    )
    .addColumn('amount', 'bigint', (c) => c.notNull())
    .addColumn('created_at', 'timestamptz', (c) => c.notNull().defaultTo(sql`now()`))
    .addCheckConstraint('transfers_amount_check', sql`amount > 0`)
    .addCheckConstraint('transfers_not_self_check', sql`from_account_id <> to_account_id`)
    .execute()
  await db.schema
    .createIndex('transfers_from_account_id_idx')
    .on('transfers')
    .columns(['from_account_id', 'created_at desc'])
    .execute()
  await db.schema
    .createIndex('transfers_to_account_id_idx')
    .on('transfers')
    .columns(['to_account_id', 'created_at desc'])
    .execute()

  await db.schema
    .createTable('exports')
    .addColumn('id', 'uuid', (c) => c.primaryKey().defaultTo(sql`gen_random_uuid()`))
    .addColumn('requested_by', 'uuid', (c) =>
      c.notNull().references('users.id').onDelete('cascade'),
    )
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('status', 'text', (c) => c.notNull().defaultTo('pending'))
    .addColumn('row_count', 'bigint')
    .addColumn('location', 'text')
    .addColumn('created_at', 'timestamptz', (c) => c.notNull().defaultTo(sql`now()`))
    .addColumn('updated_at', 'timestamptz', (c) => c.notNull().defaultTo(sql`now()`))
    .addColumn('finished_at', 'timestamptz')
    .addCheckConstraint('exports_kind_check', sql`kind in ('posts', 'comments')`)
    .addCheckConstraint(
      'exports_status_check',
      sql`status in ('pending', 'running', 'done', 'failed')`,
    )
    .addCheckConstraint('exports_row_count_check', sql`row_count >= 0`)
    .execute()
  await db.schema
    .createIndex('exports_requested_by_idx')
    .on('exports')
    .columns(['requested_by', 'created_at desc'])
    .execute()
  await db.schema
    .createIndex('exports_unfinished_idx')
    .on('exports')
    .column('created_at')
    .where(sql<boolean>`status in ('pending', 'running')`)
    .execute()
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropTable('exports').execute()
  await db.schema.dropTable('transfers').execute()
  await db.schema.dropTable('accounts').execute()
}
