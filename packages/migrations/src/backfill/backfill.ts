import { setTimeout as delay } from 'node:timers/promises'
import { backoffMs, CancelledError, type Engine, isAquiferError } from '@aquifer/core'
import { type SqlBool, sql } from 'kysely'
import { MigrationError } from '../migration-error.ts'
import type { Backfill } from './backfill-definition.ts'
import { nextBatchRows } from './batch-rows.ts'
import {
  finish,
  openProgress,
  type Progress,
  prepareProgress,
  takeBatch,
  writeProgress,
} from './progress.ts'
import { replicationLagMs } from './replication-lag.ts'

/** How fast to go, and when to wait. */
export interface BackfillOptions {
  /** Rows of the first batch; those after it are made longer or shorter so that each takes about `batchMs`. @default 1_000 */
  readonly batchRows?: number
  /** @default 10_000 */
  readonly maxBatchRows?: number
  /** @default 250 */
  readonly batchMs?: number
  /** The pause after each batch, for everybody else. @default 25 */
  readonly pauseMs?: number
  /** How far a standby may be behind before the next batch waits. @default 5_000 */
  readonly maxLagMs?: number
  /** How far the slowest standby is behind. @default by pg_stat_replication */
  readonly lagMs?: () => Promise<number>
  /** Begins again although it is finished or half done. @default false */
  readonly restart?: boolean
  /** Stops after the batch that is under way; a later call goes on from there. */
  readonly signal?: AbortSignal
  readonly onEvent?: (event: BackfillEvent) => void
}

/** What happens while a backfill runs. */
export type BackfillEvent =
  | ({ readonly event: 'progress' } & BackfillProgress)
  /** A standby is too far behind. Repeated while that lasts. */
  | { readonly event: 'throttled'; readonly name: string; readonly lagMs: number }
  /** A batch got in the way of somebody, was undone, and is tried again with fewer rows. */
  | {
      readonly event: 'repeated'
      readonly name: string
      readonly code: string
      readonly batchRows: number
    }

/** How far a backfill has come. */
export interface BackfillProgress {
  readonly name: string
  /** Rows of all runs so far. */
  readonly doneRows: number
  /** All rows, as far as the server's statistics tell. */
  readonly totalRows: number
  readonly rowsPerSecond: number
  /** Absent as long as nothing can be said. */
  readonly leftMs?: number
}

/** What a run of a backfill did. */
export interface BackfillResult {
  readonly name: string
  /** Rows of this run. */
  readonly rows: number
  readonly batches: number
  readonly durationMs: number
}

const MOST_ATTEMPTS = 10
const LAG_PAUSE_MS = 500
const PASSING = new Set([
  'LOCK_TIMEOUT',
  'STATEMENT_TIMEOUT',
  'DEADLOCK_DETECTED',
  'SERIALIZATION_FAILURE',
])

/**
 * Runs a backfill to its end, or on from where another run has stopped. The rows that were there at its first start are changed once each, also if it
 * is killed or runs twice at the same time: the place that was reached is written in the transaction of each batch.
 *
 * @throws {CancelledError} `CANCELLED` if the signal fires; {MigrationError} `BACKFILL_FAILED` with the cause, what was done before stays;
 *   {UsageError} `BACKFILL_TABLE` if the table or the key is not there
 */
export async function backfill<DB>(
  engine: Engine<DB>,
  definition: Backfill,
  options: BackfillOptions = {},
): Promise<BackfillResult> {
  const run = new BackfillRun(engine as unknown as Engine<unknown>, definition, options)
  return run.toTheEnd()
}

class BackfillRun {
  readonly #engine: Engine<unknown>
  readonly #definition: Backfill
  readonly #options: BackfillOptions
  readonly #startedAt = performance.now()
  #batchRows: number
  #rows = 0
  #batches = 0

  constructor(engine: Engine<unknown>, definition: Backfill, options: BackfillOptions) {
    this.#engine = engine
    this.#definition = definition
    this.#options = options
    this.#batchRows = options.batchRows ?? 1_000
  }

  async toTheEnd(): Promise<BackfillResult> {
    const { pauseMs = 25, restart = false } = this.#options
    await this.#engine.transaction((session) => prepareProgress(session))
    await this.#engine.transaction((session) => openProgress(session, this.#definition, restart))
    for (;;) {
      this.#assertWanted()
      await this.#waitForStandbys()
      if (!(await this.#batch())) break
      await this.#pause(pauseMs)
    }
    return {
      name: this.#definition.name,
      rows: this.#rows,
      batches: this.#batches,
      durationMs: Math.round(performance.now() - this.#startedAt),
    }
  }

  /** @returns false if there was nothing left to do */
  async #batch(): Promise<boolean> {
    const { maxBatchRows = 10_000, batchMs = 250 } = this.#options
    for (let attempt = 1; ; attempt += 1) {
      const startedAt = performance.now()
      try {
        const progress = await this.#once()
        if (progress === undefined) return false
        this.#batches += 1
        this.#tell(progress)
        const tookMs = performance.now() - startedAt
        this.#batchRows = nextBatchRows({ rows: this.#batchRows, tookMs, batchMs, maxBatchRows })
        return true
      } catch (cause) {
        const code = isAquiferError(cause) ? cause.code : ''
        if (!PASSING.has(code) || attempt >= MOST_ATTEMPTS) throw this.#failed(cause)
        this.#batchRows = Math.max(1, Math.floor(this.#batchRows / 2))
        const { name } = this.#definition
        this.#options.onEvent?.({ event: 'repeated', name, code, batchRows: this.#batchRows })
        await this.#pause(50 + backoffMs(attempt, { baseMs: 100, capMs: 5_000 }))
      }
    }
  }

  /** One transaction: the rows, and how far that is. */
  #once(): Promise<Progress | undefined> {
    const { name, key = 'id', run } = this.#definition
    return this.#engine.transaction(
      async (session) => {
        const batch = await takeBatch(session, this.#definition, this.#batchRows)
        if (batch === undefined) {
          await finish(session, name)
          return undefined
        }
        const { after, upTo, type } = batch
        const column = sql.ref(key)
        const upper = sql<SqlBool>`${column} <= ${upTo}::text::${sql.raw(type)}`
        const range =
          after === null
            ? sql<SqlBool>`(${upper})`
            : sql<SqlBool>`(${column} > ${after}::text::${sql.raw(type)} and ${upper})`
        await run(session.db.withoutPlugins(), range)
        const progress = await writeProgress(session, name, batch)
        this.#rows += batch.rows
        return progress
      },
      { isolation: 'read committed', propagation: 'never' },
    )
  }

  #tell({ doneRows, totalRows }: Progress): void {
    const { onEvent } = this.#options
    const seconds = (performance.now() - this.#startedAt) / 1_000
    const rowsPerSecond = Math.round(this.#rows / Math.max(seconds, 0.001))
    const left = Math.max(0, totalRows - doneRows)
    onEvent?.({
      event: 'progress',
      name: this.#definition.name,
      doneRows,
      totalRows: Math.max(totalRows, doneRows),
      rowsPerSecond,
      ...(rowsPerSecond > 0 && { leftMs: Math.round((left / rowsPerSecond) * 1_000) }),
    })
  }

  async #waitForStandbys(): Promise<void> {
    const {
      maxLagMs = 5_000,
      lagMs = () => replicationLagMs(this.#engine),
      onEvent,
    } = this.#options
    for (let lag = await lagMs(); lag > maxLagMs; lag = await lagMs()) {
      onEvent?.({ event: 'throttled', name: this.#definition.name, lagMs: Math.round(lag) })
      await this.#pause(LAG_PAUSE_MS)
    }
  }

  #assertWanted(): void {
    if (this.#options.signal?.aborted === true)
      throw stopped(this.#definition, this.#options.signal.reason)
  }

  async #pause(ms: number): Promise<void> {
    const { signal } = this.#options
    await delay(ms, undefined, { ...(signal && { signal }) }).catch((cause: unknown) => {
      throw stopped(this.#definition, cause)
    })
  }

  #failed(cause: unknown): unknown {
    if (isAquiferError(cause) && cause.kind === 'usage') return cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    const { name } = this.#definition
    return new MigrationError(
      'BACKFILL_FAILED',
      `the backfill ${name} failed: ${reason}. The batches before are done; run the command again to go on from there`,
      { cause, retryable: isAquiferError(cause) && cause.retryable },
    )
  }
}

function stopped({ name }: Backfill, cause: unknown): CancelledError {
  return new CancelledError(
    `the backfill ${name} was stopped between two batches: run it again to go on from there`,
    { cause },
  )
}
