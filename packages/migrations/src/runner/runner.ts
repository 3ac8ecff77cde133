import { CancelledError, type Engine, type Session, UsageError, type Work } from '@aquifer/core'
import type { SchemaStep } from '../config.ts'
import { MigrationError } from '../migration-error.ts'
import type { RevisionGraph } from '../revision/graph.ts'
import type { Revision } from '../revision/revision.ts'
import { assertConsistent } from './consistency.ts'
import { noticeDeadClientLocally } from './dead-client.ts'
import type { Direction } from './event.ts'
import { type Interrupted, readInterrupted } from './journal.ts'
import { type LockOptions, MigrationLock } from './lock.ts'
import type { LockRetryOptions } from './lock-retry.ts'
import { assertContractable } from './phase.ts'
import { assertResumable } from './resumable.ts'
import { RevisionRun } from './revision-run.ts'
import { leaveOwnSchema } from './search-path.ts'
import { recordSquashes, throughSquashes } from './squashed.ts'
import { type AppliedRevision, createTables, readApplied } from './version-table.ts'

/** How revisions are run. */
export interface RunOptions extends LockOptions, LockRetryOptions {
  /** Runs revisions of the phase `contract` although older versions of an application are connected. @default false */
  readonly allowOlder?: boolean
}

/** One revision that was run. */
export interface RevisionStep {
  readonly id: string
  readonly name: string
  readonly durationMs: number
}

/** One schema that was brought up to date after the revisions. */
export interface SchemaResult {
  readonly name: string
  /** What the step reported. */
  readonly lines: readonly string[]
  readonly durationMs: number
}

/**
 * Waits for the migration lock and runs `work` with it.
 *
 * @throws {MigrationError} `MIGRATION_LOCK_TIMEOUT`; {UsageError} `MIGRATION_POOL_SIZE`; and whatever `work` throws
 */
export async function withRunner<T>(
  engine: Engine<unknown>,
  options: RunOptions,
  work: (runner: Runner) => Promise<T>,
): Promise<T> {
  const { size, overflow } = engine.profile
  if (size + overflow < 2) {
    throw new UsageError(
      'MIGRATION_POOL_SIZE',
      `profile ${engine.profile.name} allows ${size + overflow} connection: migrations need one for the lock and one for the work. Raise \`overflow\``,
    )
  }
  await using lock = await MigrationLock.acquire(engine, options)
  return await work(new Runner(engine, lock, options))
}

/** What the database says of revisions. */
export interface DatabaseState {
  readonly applied: readonly AppliedRevision[]
  readonly interrupted: readonly Interrupted[]
}

/** Runs revisions one by one while the lock is held. */
export class Runner {
  readonly #engine: Engine<unknown>
  readonly #lock: MigrationLock
  readonly #options: RunOptions
  readonly #signal: AbortSignal
  #interrupted: readonly Interrupted[] = []

  constructor(engine: Engine<unknown>, lock: MigrationLock, options: RunOptions) {
    this.#engine = engine
    this.#lock = lock
    this.#options = options
    this.#signal =
      options.signal === undefined ? lock.lost : AbortSignal.any([lock.lost, options.signal])
  }

  /**
   * Makes our tables if they are missing and says what is applied.
   *
   * @throws {MigrationError} `REVISION_MISSING`, `REVISION_CHECKSUM`, `REVISION_LATE`, `REVISION_SQUASHED`
   */
  async prepare(graph: RevisionGraph<Revision>): Promise<readonly AppliedRevision[]> {
    const { applied } = await this.look()
    const known = throughSquashes(graph, applied)
    assertConsistent(graph, known)
    if (
      known.length < applied.length ||
      known.some(({ id }) => !applied.some((row) => row.id === id))
    ) {
      await this.transaction((connection) => recordSquashes(connection, graph, applied))
    }
    return known
  }

  /** Makes our tables if they are missing and says what is applied and what is half done, whether the files agree or not. */
  async look(): Promise<DatabaseState> {
    const applied = await this.transaction(async (connection) => {
      await createTables(connection)
      this.#interrupted = await readInterrupted(connection)
      return readApplied(connection)
    })
    return { applied, interrupted: this.#interrupted }
  }

  /**
   * Runs revisions in the order given; each is recorded together with what it does. The first failure ends it. One that a
   * run before this one has left half done is gone on with.
   *
   * @throws {MigrationError} `REVISION_IN_DOUBT` if one is half done that is not among them, or in the other direction
   */
  async run(revisions: readonly Revision[], direction: Direction): Promise<RevisionStep[]> {
    assertResumable(this.#interrupted, revisions, direction)
    const { onEvent } = this.#options
    const named = revisions.map(({ id, name }) => ({ id, name }))
    onEvent?.({ event: 'planned', direction, revisions: named })
    const steps: RevisionStep[] = []
    for (const revision of revisions) {
      const { id, name, phase } = revision
      if (direction === 'up' && phase === 'contract') await this.#assertContractable(revision)
      onEvent?.({ event: 'started', direction, id, name })
      const durationMs = await this.#runOf(revision, direction).run()
      onEvent?.({ event: 'finished', direction, id, name, durationMs })
      steps.push({ id, name, durationMs })
    }
    return steps
  }

  /** Brings other schemas up to date. */
  async runSchemas(schemas: readonly SchemaStep[]): Promise<SchemaResult[]> {
    const results: SchemaResult[] = []
    for (const schema of schemas) {
      this.#lock.assertHeld()
      if (this.#options.signal?.aborted === true) {
        throw new CancelledError(`the caller gave up before the schema of ${schema.name} was begun`)
      }
      results.push(await this.#runSchema(schema))
    }
    return results
  }

  async #assertContractable(revision: Revision): Promise<void> {
    if (this.#options.allowOlder === true) return
    const { profile } = this.#engine
    const check: Work<unknown, void> = (session) => assertContractable(session, revision, profile)
    await this.#engine.session(check, { mode: 'autocommit' })
  }

  #runOf(revision: Revision, direction: Direction): RevisionRun {
    const parts = {
      engine: this.#engine,
      lock: this.#lock,
      options: this.#options,
      signal: this.#signal,
      transaction: <T>(work: (session: Session<unknown>) => Promise<T>) => this.transaction(work),
    }
    const interrupted = this.#interrupted.find(({ id }) => id === revision.id)
    return new RevisionRun(parts, revision, direction, interrupted)
  }

  /** Runs a transaction that commits only while the lock is held. */
  transaction<T>(work: (session: Session<unknown>) => Promise<T>): Promise<T> {
    const { deadline } = this.#options
    return this.#engine.transaction(
      async (session) => {
        session.beforeCommit(() => this.#lock.assertLeads(session))
        await this.#lock.enter(session, 'transaction')
        await noticeDeadClientLocally(session, this.#lock.settings)
        await leaveOwnSchema(session, 'transaction')
        return work(session)
      },
      // Each statement has to see what was committed before it, whatever the server's default is.
      {
        propagation: 'never',
        isolation: 'read committed',
        signal: this.#signal,
        ...(deadline && { deadline }),
      },
    )
  }

  /** Undoes the half of a revision that was interrupted. */
  async undo(revision: Revision, half: Interrupted): Promise<void> {
    await this.#runOf(revision, half.direction === 'up' ? 'down' : 'up').undo(half)
  }

  async #runSchema(schema: SchemaStep): Promise<SchemaResult> {
    const { name } = schema
    const lines: string[] = []
    const took = stopwatch()
    try {
      await schema.upgrade(this.#engine, (line) => {
        lines.push(line)
        this.#options.onEvent?.({ event: 'schema', name, line })
      })
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new MigrationError(
        'SCHEMA_FAILED',
        `the schema of ${name} could not be brought up to date: ${reason}. The revisions before it are applied; run the command again to go on from here`,
        { cause },
      )
    }
    return { name, lines, durationMs: took() }
  }
}

/** Whole milliseconds since the call. */
function stopwatch(): () => number {
  const startedAt = performance.now()
  return () => Math.round(performance.now() - startedAt)
}
