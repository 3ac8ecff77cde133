import type { Session } from '@aquifer/core'
import { MigrationError } from '../migration-error.ts'
import type { Revision } from '../revision/revision.ts'
import { BlockWatch } from './blocked.ts'
import type { Direction, MigrationEvent } from './event.ts'
import { forgetJournal, type Interrupted, Journal, readInterrupted } from './journal.ts'
import { isLockTimeout, type LockRetryOptions, lockPauseMs, pause } from './lock-retry.ts'
import { revisionFailed } from './revision-failed.ts'
import { InsideStatements } from './statements/inside.ts'
import { JournaledStatements } from './statements/journaled.ts'
import { kyselyOver } from './statements/port.ts'
import { StatementReporter } from './statements/reporter.ts'
import { clearLeftOvers, UndoingStatements } from './undo-half.ts'
import { type Connection, deleteApplied, insertApplied } from './version-table.ts'
import { onWorkLease, type WorkParts } from './work-lease.ts'

/** What the run of a revision stands on. */
export interface RevisionRunParts extends WorkParts {
  readonly options: WorkParts['options'] &
    LockRetryOptions & { readonly onEvent?: (event: MigrationEvent) => void }
  /** Runs a transaction that may only commit while the lock is held. */
  readonly transaction: <T>(work: (session: Session<unknown>) => Promise<T>) => Promise<T>
}

/** One revision on its way up or down, as often as locks that are not free make it necessary. */
export class RevisionRun {
  readonly #parts: RevisionRunParts
  readonly #revision: Revision
  readonly #direction: Direction
  #interrupted: Interrupted | undefined

  /** @param interrupted what a run before this one has left half done */
  constructor(
    parts: RevisionRunParts,
    revision: Revision,
    direction: Direction,
    interrupted?: Interrupted,
  ) {
    this.#parts = parts
    this.#revision = revision
    this.#direction = direction
    this.#interrupted = interrupted
  }

  /** @returns how long it took in milliseconds, the waiting for locks left out */
  async run(): Promise<number> {
    const { lockAttempts = 10, onEvent } = this.#parts.options
    const { id, name } = this.#revision
    const startedAt = performance.now()
    await using watch = new BlockWatch(this.#parts.engine, (by) =>
      onEvent?.({
        event: 'blocked',
        id,
        name,
        waitedMs: Math.round(performance.now() - startedAt),
        by,
      }),
    )
    for (let attempt = 1; ; attempt += 1) {
      this.#parts.lock.assertHeld()
      try {
        return await this.#attempt(watch)
      } catch (cause) {
        if (!isLockTimeout(cause) || attempt >= lockAttempts)
          throw this.#explained(cause, watch, attempt)
        const pauseMs = lockPauseMs(attempt, this.#parts.options)
        onEvent?.({
          event: 'retrying',
          id,
          name,
          attempt,
          attempts: lockAttempts,
          pauseMs,
          by: watch.last,
        })
        await pause(pauseMs, this.#parts.signal)
      }
    }
  }

  #attempt(watch: BlockWatch): Promise<number> {
    return this.#isInside ? this.#inside(watch) : this.#outside(watch)
  }

  /** What was begun outside a transaction is finished there, whatever the file says by now. */
  get #isInside(): boolean {
    return this.#revision.transaction && this.#interrupted === undefined
  }

  /** The revision and the row that says so, in one transaction. */
  #inside(watch: BlockWatch): Promise<number> {
    return this.#parts.transaction(async (session) => {
      watch.watch(await backendPid(session))
      const statements = new InsideStatements(session, this.#reporter())
      const took = stopwatch()
      await this.#revision[this.#direction](kyselyOver(statements))
      const durationMs = took()
      await record(session, this.#revision, this.#direction, durationMs)
      return durationMs
    })
  }

  /** On one connection, each statement with its row of the journal. */
  async #outside(watch: BlockWatch): Promise<number> {
    try {
      return await onWorkLease(this.#parts, async (lease, bounds) => {
        watch.watch(lease.backendPid)
        const revision = this.#revision
        const direction = this.#direction
        const journal = await Journal.open(lease, revision, direction, this.#interrupted)
        const reporter = this.#reporter()
        const statements = { lease, journal, reporter, revision, direction, bounds }
        const took = stopwatch()
        await revision[direction](kyselyOver(new JournaledStatements(statements)))
        const durationMs = took()
        // Not bounded: what is done is done, and the journal has to say so.
        await lease.query('begin')
        await record(lease, revision, direction, durationMs)
        await journal.close()
        await lease.query('commit')
        return durationMs
      })
    } catch (error) {
      if (isLockTimeout(error)) await this.#look()
      throw error
    }
  }

  /**
   * Runs the other way what is half done, as far as there is something to undo, and forgets that it was begun.
   *
   * @throws {MigrationError} `REVISION_FAILED`
   */
  async undo(half: Interrupted): Promise<void> {
    const revision = this.#revision
    const direction = this.#direction
    try {
      await onWorkLease(this.#parts, async (lease, bounds) => {
        await clearLeftOvers(lease, half.statements)
        const port = new UndoingStatements(lease, this.#reporter(), direction, bounds)
        await revision[direction](kyselyOver(port))
        await forgetJournal(lease, half.id, half.direction)
      })
    } catch (cause) {
      if (cause instanceof MigrationError) throw cause
      throw revisionFailed({ ...revision, transaction: false }, direction, cause)
    }
  }

  #reporter(): StatementReporter {
    const { id } = this.#revision
    return new StatementReporter({ id, direction: this.#direction }, this.#parts.options.onEvent)
  }

  /** The next attempt goes on from what this one has done. */
  async #look(): Promise<void> {
    const { id } = this.#revision
    const direction = this.#direction
    const found = await this.#parts.engine.session((session) => readInterrupted(session), {
      mode: 'autocommit',
    })
    this.#interrupted = found.find((each) => each.id === id && each.direction === direction)
  }

  #explained(cause: unknown, watch: BlockWatch, attempts: number): unknown {
    if (cause instanceof MigrationError) return cause
    const revision = { ...this.#revision, transaction: this.#isInside }
    const lost = this.#parts.lock.lostError
    const failure = revisionFailed(
      revision,
      this.#direction,
      revision.transaction ? cause : (lost ?? cause),
      isLockTimeout(cause) ? { attempts, by: watch.last } : undefined,
    )
    return lost !== undefined && failure.outcome === 'rolledBack' ? lost : failure
  }
}

async function backendPid(connection: Connection): Promise<number> {
  const { rows } = await connection.query<{ pid: number }>('select pg_backend_pid() as pid')
  return rows[0]?.pid ?? 0
}

async function record(
  connection: Connection,
  revision: Revision,
  direction: Direction,
  durationMs: number,
): Promise<void> {
  if (direction === 'up') await insertApplied(connection, revision, durationMs)
  else await deleteApplied(connection, revision)
}

/** Whole milliseconds since the call. */
function stopwatch(): () => number {
  const startedAt = performance.now()
  return () => Math.round(performance.now() - startedAt)
}
