import { isAquiferError, type Lease, type StatementOptions } from '@aquifer/core'
import type { CompiledQuery, QueryResult } from 'kysely'
import type { Revision } from '../../revision/revision.ts'
import type { Direction, StatementPlace } from '../event.ts'
import { inDoubt } from '../in-doubt.ts'
import type { Journal, JournalEntry } from '../journal.ts'
import { answerOf } from '../kept-result.ts'
import { recoverInterrupted } from './interrupted.ts'
import { isConcurrent, kindOf } from './kind.ts'
import { NOTHING, oneByOne } from './one-by-one.ts'
import type { StatementPort } from './port.ts'
import type { StatementReporter } from './reporter.ts'
import { wordsOf } from './split.ts'

/** What `JournaledStatements` needs. */
export interface JournaledParts {
  readonly lease: Lease
  readonly journal: Journal
  readonly reporter: StatementReporter
  readonly revision: Revision
  readonly direction: Direction
  readonly bounds: StatementOptions
}

/** What the server says where a transaction block is open and must not be, before it has done anything that stays. */
const NEEDS_NO_TRANSACTION = new Set(['25001', '2D000'])

/**
 * Runs the statements of a revision without a transaction around them all, and keeps the journal. Each statement that can be
 * shares a transaction with its row of the journal, so that both are there or none. The others have a row before they run and are marked when
 * they have ended; what a run before this one has done is passed over.
 */
export class JournaledStatements implements StatementPort {
  readonly #parts: JournaledParts

  constructor(parts: JournaledParts) {
    this.#parts = parts
  }

  run(statement: CompiledQuery): Promise<QueryResult<unknown>> {
    return oneByOne(statement, (text, values) => this.#one(text, values))
  }

  async #one(text: string, values: readonly unknown[]): Promise<QueryResult<unknown>> {
    const kind = kindOf(text)
    if (kind === 'control' || kind === 'session') return this.#send(text, values)
    const { journal, reporter } = this.#parts
    const place = reporter.next(text)
    const entry = journal.next(text)
    if (entry.finished === true) {
      const answer = this.#answerBefore(entry as JournalEntry)
      if (answer !== undefined) {
        reporter.tell('skipped', place)
        return answer
      }
    }
    if (this.#parts.lease.transactionStatus !== 'I')
      return this.#inside(entry.position, place, values)
    if (entry.finished === false && (await this.#recovered(entry as JournalEntry))) {
      reporter.tell('skipped', place)
      return NOTHING
    }
    return reporter.around(place, () => this.#alone(entry.position, { text, values, kind }))
  }

  /** Undefined if it changed nothing and is to be asked again. */
  #answerBefore({ position, statement, result }: JournalEntry): QueryResult<unknown> | undefined {
    if (result === undefined) return NOTHING
    const answer = answerOf(result)
    if (answer !== undefined) return answer
    if (!result.wrote) return undefined
    throw inDoubt(this.#parts.revision, this.#parts.direction, {
      position,
      statement,
      reason: 'it has changed rows and returned them; they could not be kept for a second run',
    })
  }

  /** In a transaction that the revision has begun. */
  #inside(position: number, place: StatementPlace, values: readonly unknown[]) {
    return this.#parts.reporter.around(place, async () => {
      const result = await this.#send(place.statement, values)
      await this.#parts.journal.note(position, place.statement, result, true)
      return result
    })
  }

  async #alone(
    position: number,
    { text, values, kind }: { text: string; values: readonly unknown[]; kind: 'outside' | 'plain' },
  ): Promise<QueryResult<unknown>> {
    if (kind === 'plain') {
      try {
        return await this.#inItsTransaction(position, text, values)
      } catch (error) {
        if (!isAquiferError(error) || !NEEDS_NO_TRANSACTION.has(error.sqlState ?? '')) throw error
      }
    }
    return this.#outside(position, text, values)
  }

  /** With its row: both or none. */
  async #inItsTransaction(position: number, text: string, values: readonly unknown[]) {
    const { lease, journal, bounds } = this.#parts
    await lease.query('begin', [], bounds)
    try {
      const result = await this.#send(text, values)
      const { rows } = await lease.query<{ wrote: boolean }>(
        'select pg_current_xact_id_if_assigned() is not null as wrote',
      )
      await journal.note(position, text, result, rows[0]?.wrote !== false)
      await lease.query('commit')
      return result
    } catch (error) {
      if (lease.usable) await lease.query('rollback').catch(() => {})
      throw error
    }
  }

  /** Between two notes. */
  async #outside(position: number, text: string, values: readonly unknown[]) {
    const { lease, journal } = this.#parts
    await journal.start(position, text)
    try {
      const send = () => this.#send(text, values)
      const result = await (isConcurrent(wordsOf(text)) ? this.#withoutLockTimeout(send) : send())
      await journal.finish(position)
      return result
    } catch (error) {
      if (lease.usable && leavesNothing(text, error)) await journal.forget(position)
      throw error
    }
  }

  async #withoutLockTimeout<T>(run: () => Promise<T>): Promise<T> {
    const { lease } = this.#parts
    const { rows } = await lease.query<{ before: string }>(
      `select current_setting('lock_timeout') as before, set_config('lock_timeout', '0', false)`,
    )
    try {
      return await run()
    } finally {
      const set = `select set_config('lock_timeout', $1, false)`
      if (lease.usable) await lease.query(set, [rows[0]?.before])
    }
  }

  #recovered(entry: JournalEntry): Promise<boolean> {
    const { lease, journal, revision, direction } = this.#parts
    return recoverInterrupted(lease, entry.statement).then(async (state) => {
      if (state === 'unknown') {
        throw inDoubt(revision, direction, {
          ...entry,
          reason: 'the database does not show whether it took effect',
        })
      }
      if (state === 'done') await journal.finish(entry.position)
      return state === 'done'
    })
  }

  async #send(text: string, values: readonly unknown[]): Promise<QueryResult<unknown>> {
    const { lease, bounds } = this.#parts
    const { rows, rowCount, command } = await lease.query(text, values, bounds)
    const counts = /^(INSERT|UPDATE|DELETE|MERGE)$/.test(command ?? '')
    return { rows, ...(counts && { numAffectedRows: BigInt(rowCount ?? 0) }) }
  }
}

/** Whether a statement that the server refused has surely done nothing that stays. */
function leavesNothing(text: string, error: unknown): boolean {
  const [first = '', second = ''] = wordsOf(text)
  if (!isAquiferError(error) || error.sqlState === undefined) return false
  if (first === 'create') return second !== 'index' && second !== 'unique'
  return !/^(alter|call|do|reindex)$/.test(first)
}
