import type { Lease, StatementOptions } from '@aquifer/core'
import { isAquiferError } from '@aquifer/core'
import type { CompiledQuery, QueryResult } from 'kysely'
import type { Direction } from './event.ts'
import { recoverInterrupted } from './statements/interrupted.ts'
import { kindOf } from './statements/kind.ts'
import { NOTHING, oneByOne } from './statements/one-by-one.ts'
import type { StatementPort } from './statements/port.ts'
import type { StatementReporter } from './statements/reporter.ts'
import type { Connection } from './version-table.ts'

/** What says, on the way down, that there is nothing to undo: no such table, object, column, function or schema. */
const NOT_THERE = new Set(['42P01', '42704', '42703', '42883', '3F000'])
/** And on the way up: the table, object, column, function or schema is there. */
const THERE = new Set(['42P07', '42710', '42701', '42723', '42P06'])

/**
 * Runs the statements of a revision that is half done the other way, each for itself, and passes over those that find nothing to undo. May be run
 * again if it is interrupted.
 */
export class UndoingStatements implements StatementPort {
  readonly #lease: Lease
  readonly #reporter: StatementReporter
  readonly #direction: Direction
  readonly #bounds: StatementOptions

  /** @param direction the way that is gone now */
  constructor(
    lease: Lease,
    reporter: StatementReporter,
    direction: Direction,
    bounds: StatementOptions,
  ) {
    this.#lease = lease
    this.#reporter = reporter
    this.#direction = direction
    this.#bounds = bounds
  }

  run(statement: CompiledQuery): Promise<QueryResult<unknown>> {
    return oneByOne(statement, (text, values) => this.#one(text, values))
  }

  async #one(text: string, values: readonly unknown[]): Promise<QueryResult<unknown>> {
    // A transaction around several statements would be lost with the first that finds nothing.
    if (kindOf(text) === 'control') return NOTHING
    const place = this.#reporter.next(text)
    if (kindOf(text) === 'outside' && (await recoverInterrupted(this.#lease, text)) === 'done') {
      this.#reporter.tell('skipped', place)
      return NOTHING
    }
    const tolerated = this.#direction === 'down' ? NOT_THERE : THERE
    this.#reporter.tell('started', place)
    try {
      const { rows } = await this.#lease.query(text, values, this.#bounds)
      this.#reporter.tell('finished', place)
      return { rows }
    } catch (error) {
      if (!isAquiferError(error) || !tolerated.has(error.sqlState ?? '')) throw error
      this.#reporter.tell('skipped', place)
      return NOTHING
    }
  }
}

/** Drops what a build of an index that was interrupted has left behind. */
export async function clearLeftOvers(
  connection: Connection,
  statements: readonly { readonly statement: string; readonly finished: boolean }[],
): Promise<void> {
  for (const { statement, finished } of statements) {
    if (!finished) await recoverInterrupted(connection, statement)
  }
}
