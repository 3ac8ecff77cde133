import type { Lease, StatementOptions } from '@aquifer/core'
import { Kysely, PostgresDialect, type PostgresPoolClient } from 'kysely'

/** Kysely on one connection outside a transaction; names as they are. The caller keeps the lease and releases it. */
export function kyselyOver(lease: Lease, bounds: StatementOptions): Kysely<unknown> {
  const client = {
    processID: lease.backendPid,
    query: (text: string, values: readonly unknown[]) => lease.query(text, values, bounds),
    release: () => {},
  } as unknown as PostgresPoolClient
  const pool = { connect: async () => client, end: async () => {}, options: {} }
  return new Kysely({ dialect: new PostgresDialect({ pool }) })
}
