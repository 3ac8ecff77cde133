import { defineModel, type RowOf } from '@aquifer/core'
import * as c from '@aquifer/core/columns'
import { belongsTo, hasMany, timestamps } from '@aquifer/core/models'
import { sql } from 'kysely'

/** Money of one owner in one currency. */
export const accounts = defineModel(
  'accounts',
  {
    id: c.uuid().primaryKey().default(sql`gen_random_uuid()`),
    ownerId: c.uuid(),
    /** ISO 4217, as EUR. */
    currency: c.text().check((currency) => sql`${currency} ~ '^[A-Z]{3}$'`),
    /** In the currency's smallest unit; never negative. */
    balance: c
      .bigint()
      .default(0)
      .check((balance) => sql`${balance} >= 0`),
    ...timestamps(),
  },
  {
    uniques: [{ on: ['ownerId', 'currency'] }],
    relations: {
      owner: belongsTo('users', 'ownerId', { onDelete: 'restrict' }),
      sent: hasMany('transfers', 'fromAccountId'),
      received: hasMany('transfers', 'toAccountId'),
    },
  },
)

/** Money that moved from one account to another. Never changed, never deleted. */
export const transfers = defineModel(
  'transfers',
  {
    id: c.uuid().primaryKey().default(sql`gen_random_uuid()`),
    fromAccountId: c.uuid(),
    toAccountId: c.uuid(),
    /** In the currency's smallest unit; positive. */
    amount: c.bigint().check((amount) => sql`${amount} > 0`),
    createdAt: c.createdAt(),
  },
  {
    checks: [{ name: 'transfers_not_self_check', check: sql`from_account_id <> to_account_id` }],
    indexes: [
      {
        name: 'transfers_from_account_id_idx',
        on: ['fromAccountId', { column: 'createdAt', order: 'desc' }],
      },
      {
        name: 'transfers_to_account_id_idx',
        on: ['toAccountId', { column: 'createdAt', order: 'desc' }],
      },
    ],
    relations: {
      fromAccount: belongsTo('accounts', 'fromAccountId', { onDelete: 'restrict' }),
      toAccount: belongsTo('accounts', 'toAccountId', { onDelete: 'restrict' }),
    },
  },
)

/** An account's row as it is read. */
export interface AccountRow extends RowOf<typeof accounts> {}
