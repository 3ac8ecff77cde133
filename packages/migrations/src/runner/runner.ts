import { CancelledError, Deadline, type Engine, type Session, UsageError } from '@aquifer/core'
import type { SchemaStep } from '../config.ts'
import { MigrationError } from '../migration-error.ts'
import type { RevisionGraph } from '../revision/graph.ts'
import type { Revision } from '../revision/revision.ts'
import { assertConsistent } from './consistency.ts'
import { noticeDeadClient, noticeDeadClientLocally } from './dead-client.ts'
import type { Direction } from './event.ts'
import { assertNoneInDoubt, journalFinish, journalStart } from './journal.ts'
import { kyselyOver } from './lease-kysely.ts'
import { type LockOptions, MigrationLock } from './lock.ts'
import { revisionFailed } from './revision-failed.ts'
import { leaveOwnSchema } from './search-path.ts'
import {
  type AppliedRevision,
  type Connection,
  createTables,
  deleteApplied,
  insertApplied,
  readApplied,
} from './version-table.ts'

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
  options: LockOptions,
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

/** Runs revisions one by one while the lock is held. */
export class Runner {
  readonly #engine: Engine<unknown>
  readonly #lock: MigrationLock
  readonly #options: LockOptions
  readonly #signal: AbortSignal

  constructor(engine: Engine<unknown>, lock: MigrationLock, options: LockOptions) {
    this.#engine = engine
    this.#lock = lock
    this.#options = options
    this.#signal =
      options.signal === undefined ? lock.lost : AbortSignal.any([lock.lost, options.signal])
  }

  /**
   * Makes our tables if they are missing and says what is applied.
   *
   * @throws {MigrationError} `REVISION_IN_DOUBT`, `REVISION_MISSING`, `REVISION_CHECKSUM`, `REVISION_LATE`
   */
  async prepare(graph: RevisionGraph<Revision>): Promise<readonly AppliedRevision[]> {
    const applied = await this.#transaction(async (connection) => {
      await createTables(connection)
      await assertNoneInDoubt(connection, (id) => graph.get(id)?.name ?? id)
      return readApplied(connection)
    })
    assertConsistent(graph, applied)
    return applied
  }

  /** Runs revisions in the order given; each is recorded together with what it does. The first failure ends it. */
  async run(revisions: readonly Revision[], direction: Direction): Promise<RevisionStep[]> {
    const { onEvent } = this.#options
    const named = revisions.map(({ id, name }) => ({ id, name }))
    onEvent?.({ event: 'planned', direction, revisions: named })
    const steps: RevisionStep[] = []
    for (const revision of revisions) {
      const { id, name } = revision
      onEvent?.({ event: 'started', direction, id, name })
      const durationMs = await this.#runOne(revision, direction)
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

  async #runOne(revision: Revision, direction: Direction): Promise<number> {
    this.#lock.assertHeld()
    return revision.transaction
      ? this.#runInside(revision, direction)
      : this.#runOutside(revision, direction)
  }

  /** The revision and the row that says so, in one transaction. */
  #runInside(revision: Revision, direction: Direction): Promise<number> {
    return this.#explained(revision, direction, () =>
      this.#transaction(async (session) => {
        const took = stopwatch()
        await revision[direction](session.db.withoutPlugins())
        const durationMs = took()
        await record(session, revision, direction, durationMs)
        return durationMs
      }),
    )
  }

  /** On one connection, between two rows of the journal. */
  async #runOutside(revision: Revision, direction: Direction): Promise<number> {
    const { profile } = this.#engine
    const deadline = Deadline.earlier(Deadline.after(profile.deadlineMs), this.#options.deadline)
    const bounds = { deadline, signal: this.#signal }
    const lease = await this.#engine.acquire(bounds)
    try {
      await noticeDeadClient(lease)
      await this.#lock.enter(lease, 'session')
      await leaveOwnSchema(lease, 'session')
      return await this.#explained(revision, direction, async () => {
        await journalStart(lease, revision.id, direction)
        const took = stopwatch()
        await revision[direction](kyselyOver(lease, bounds))
        const durationMs = took()
        // Not bounded: what is done is done, and the journal has to say so.
        await lease.query('begin')
        await record(lease, revision, direction, durationMs)
        await journalFinish(lease, revision.id, direction)
        await lease.query('commit')
        return durationMs
      })
    } finally {
      lease.release('destroy')
    }
  }

  async #explained<T>(revision: Revision, direction: Direction, run: () => Promise<T>): Promise<T> {
    try {
      return await run()
    } catch (cause) {
      if (cause instanceof MigrationError) throw cause
      const lost = this.#lock.lostError
      const failure = revisionFailed(
        revision,
        direction,
        revision.transaction ? cause : (lost ?? cause),
      )
      throw lost !== undefined && failure.outcome === 'rolledBack' ? lost : failure
    }
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

  #transaction<T>(work: (session: Session<unknown>) => Promise<T>): Promise<T> {
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
