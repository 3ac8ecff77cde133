import { type DatabaseOf, defineModel } from '@aquifer/core'
import * as c from '@aquifer/core/columns'
import { sql } from 'kysely'

/** The tables of the bench, as an engine sees them. */
export const models = {
  users: defineModel('users', {
    id: c.integer().generated(),
    email: c.text(),
    displayName: c.text(),
    loginCount: c.integer().default(0),
    active: c.boolean().default(true),
    createdAt: c.timestamptz().default(sql`now()`),
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
