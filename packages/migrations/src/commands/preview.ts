import type { Engine } from '@aquifer/core'
import { RevisionGraph } from '../revision/graph.ts'
import { planDowngrade, planUpgrade } from '../revision/plan.ts'
import type { Phase, Revision } from '../revision/revision.ts'
import { assertConsistent } from '../runner/consistency.ts'
import type { Direction } from '../runner/event.ts'
import { throughSquashes } from '../runner/squashed.ts'
import { recordStatements } from '../runner/statements/recorded.ts'
import { current } from './current.ts'

/** What is asked for. */
export interface PreviewOptions {
  readonly direction: Direction
  /** As `upgrade` or `downgrade` take it. */
  readonly to: string
}

/** What a revision would do. */
export interface PreviewedRevision {
  readonly id: string
  readonly name: string
  readonly phase: Phase
  readonly transaction: boolean
  /** Their texts, with parameters written into them. */
  readonly statements: readonly string[]
}

/**
 * What `upgrade` or `downgrade` would do now, in that order; takes no lock and changes nothing.
 *
 * @throws {MigrationError} as they do before they begin; `REVISION_OFFLINE`
 */
export async function preview<DB>(
  engine: Engine<DB>,
  revisions: readonly Revision[],
  { direction, to }: PreviewOptions,
): Promise<PreviewedRevision[]> {
  const graph = new RevisionGraph(revisions)
  const rows = throughSquashes(graph, (await current(engine)).applied)
  assertConsistent(graph, rows)
  const applied = new Set(rows.map(({ id }) => id))
  const plan =
    direction === 'up' ? planUpgrade(graph, applied, to) : planDowngrade(graph, applied, to)
  const previewed: PreviewedRevision[] = []
  for (const revision of plan) {
    const { id, name, phase, transaction } = revision
    const statements = await recordStatements(revision, direction)
    previewed.push({ id, name, phase, transaction, statements })
  }
  return previewed
}
