import { type Engine, UsageError } from '@aquifer/core'
import { MigrationError } from '../migration-error.ts'
import { RevisionGraph } from '../revision/graph.ts'
import { resolveReference } from '../revision/reference.ts'
import type { Revision } from '../revision/revision.ts'
import type { Direction } from '../runner/event.ts'
import {
  acceptFile,
  type Interrupted,
  readInterrupted,
  settleStatement,
} from '../runner/journal.ts'
import { type DatabaseState, type Runner, type RunOptions, withRunner } from '../runner/runner.ts'
import { acceptApplied } from '../runner/version-table.ts'

/** A revision that was interrupted outside a transaction. */
export interface HalfDone {
  readonly id: string
  /** Its id where no file is here for it. */
  readonly name: string
  readonly direction: Direction
  readonly startedAt: Date
  readonly startedBy: string
  /** Whether its file has changed since. */
  readonly edited: boolean
  /** What it has done and, unfinished, what it was doing. */
  readonly statements: readonly {
    readonly position: number
    readonly statement: string
    readonly finished: boolean
  }[]
}

/** What to do about a revision. */
export interface RepairOptions extends RunOptions {
  /** The revision's id or its beginning. */
  readonly id: string
  /**
   * `finish` goes on with a half-done revision, `undo` goes back, and `accept` takes the file of an applied or half-done revision as
   * it is now for the one that was meant.
   */
  readonly action: 'finish' | 'undo' | 'accept'
  /** With `finish`: whether the statement in doubt has taken effect (`done`) or not (`again`). @default what the database shows */
  readonly statement?: 'done' | 'again'
}

/** What a repair did. */
export interface RepairResult {
  readonly id: string
  readonly name: string
  readonly action: RepairOptions['action']
}

/** The revisions that were interrupted outside a transaction; changes nothing and takes no lock. */
export async function halfDone<DB>(
  engine: Engine<DB>,
  revisions: readonly Revision[],
): Promise<HalfDone[]> {
  const graph = new RevisionGraph(revisions)
  const found = await engine.session((session) => readInterrupted(session), { mode: 'autocommit' })
  return found.map(({ id, direction, startedAt, startedBy, checksum, statements }) => ({
    id,
    name: graph.get(id)?.name ?? id,
    direction,
    startedAt,
    startedBy,
    edited: graph.get(id) !== undefined && graph.get(id)?.checksum !== checksum,
    statements: statements.map(({ position, statement, finished }) => ({
      position,
      statement,
      finished,
    })),
  }))
}

/**
 * Brings a revision out of a state that `upgrade` and `downgrade` refuse.
 *
 * @throws {UsageError} `REPAIR_NOTHING` if there is nothing to do about it; {MigrationError} as `upgrade` does, `REVISION_IN_DOUBT`
 *   if a statement in doubt has to be judged first
 */
export async function repair<DB>(
  engine: Engine<DB>,
  revisions: readonly Revision[],
  options: RepairOptions,
): Promise<RepairResult> {
  const graph = new RevisionGraph(revisions)
  const revision = resolveReference(graph, options.id)
  await withRunner(engine as unknown as Engine<unknown>, options, async (runner) => {
    const state = await runner.look()
    if (options.action === 'accept') return accept(runner, revision, state)
    const half = state.interrupted.find(({ id }) => id === revision.id)
    if (half === undefined) throw nothingHalfDone(revision)
    if (options.action === 'undo') return runner.undo(revision, half)
    if (half.checksum !== revision.checksum) throw editedMeanwhile(revision)
    await settle(runner, half, options.statement)
    await runner.look()
    await runner.run([revision], half.direction)
  })
  return { id: revision.id, name: revision.name, action: options.action }
}

async function settle(
  runner: Runner,
  half: Interrupted,
  effect: 'done' | 'again' | undefined,
): Promise<void> {
  if (effect === undefined) return
  await runner.transaction(async (connection) => {
    for (const { position, finished } of half.statements) {
      if (!finished) await settleStatement(connection, half, position, effect)
    }
  })
}

async function accept(
  runner: Runner,
  revision: Revision,
  { applied, interrupted }: DatabaseState,
): Promise<void> {
  const differs = [...applied, ...interrupted].some(
    ({ id, checksum }) => id === revision.id && checksum !== revision.checksum,
  )
  if (!differs) {
    throw new UsageError(
      'REPAIR_NOTHING',
      `the file of ${revision.name} is the one that the database knows, or was never applied: there is nothing to accept`,
    )
  }
  await runner.transaction(async (connection) => {
    await acceptApplied(connection, revision)
    await acceptFile(connection, revision)
  })
}

function nothingHalfDone({ name }: Revision): UsageError {
  return new UsageError(
    'REPAIR_NOTHING',
    `${name} is not half done: aquifer repair without arguments lists what is`,
  )
}

function editedMeanwhile({ id, name }: Revision): MigrationError {
  return new MigrationError(
    'REVISION_IN_DOUBT',
    `the file of ${name} was edited since it was interrupted: bring it back, or say that it is right with aquifer repair ${id} --accept`,
    { revisions: [id], outcome: 'unknown' },
  )
}
