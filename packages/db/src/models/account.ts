import { defineModel, type RowOf } from '@aquifer/core'
import * as c from '@aquifer/core/columns'
import { sql } from 'kysely'

/** Money of one owner in one currency. */
export const accounts = defineModel('accounts', {
  id: c.uuid().primaryKey().default(sql`gen_random_uuid()`),
  ownerId: c.uuid(),
  /** ISO 4217, as EUR. */
  currency: c.text(),
  /** In the currency's smallest unit; never negative. */
  balance: c.bigint().default(0),
  createdAt: c.timestamptz().default(sql`now()`),
  updatedAt: c.timestamptz().default(sql`now()`),
})

/** Money that moved from one account to another. Never changed, never deleted. */
export const transfers = defineModel('transfers', {
  id: c.uuid().primaryKey().default(sql`gen_random_uuid()`),
  fromAccountId: c.uuid(),
  toAccountId: c.uuid(),
  /** In the currency's smallest unit; positive. */
  amount: c.bigint(),
  createdAt: c.timestamptz().default(sql`now()`),
})

/** An account's row as it is read. */
export type AccountRow = RowOf<typeof accounts>
