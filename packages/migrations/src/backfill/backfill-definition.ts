import { UsageError } from '@aquifer/core'
import type { Kysely, RawBuilder, SqlBool } from 'kysely'

/** A change of many rows of a table, made in small transactions along its key. */
export interface Backfill {
  /** What its progress is recorded under. */
  readonly name: string
  /** `table` or `schema.table`. */
  readonly table: string
  /** A column that is unique, not null and indexed. @default 'id' */
  readonly key?: string
  /**
   * Changes the rows of one batch, in a transaction of its own; names are as they are in the database. It may meet rows that the
   * application has already changed.
   *
   * @param range the condition that a row is in the batch
   */
  readonly run: (db: Kysely<unknown>, range: RawBuilder<SqlBool>) => Promise<unknown>
}

/** Finds the backfill with this name. @throws {UsageError} `BACKFILL_UNKNOWN` */
export function findBackfill(all: readonly Backfill[], name: string): Backfill {
  const found = all.find((each) => each.name === name)
  if (found !== undefined) return found
  const known = all.map((each) => each.name).join(', ') || 'none'
  throw new UsageError(
    'BACKFILL_UNKNOWN',
    `there is no backfill ${JSON.stringify(name)} in aquifer.config.ts; known: ${known}`,
  )
}
