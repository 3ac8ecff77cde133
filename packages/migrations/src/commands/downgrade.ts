import type { Engine } from '@aquifer/core'
import { RevisionGraph } from '../revision/graph.ts'
import { planDowngrade } from '../revision/plan.ts'
import type { Revision } from '../revision/revision.ts'
import { type RevisionStep, type RunOptions, withRunner } from '../runner/runner.ts'

/** How far to go down. */
export interface DowngradeOptions extends RunOptions {
  /** `-N`, `base`, or the id, or its beginning, of the revision to go down to. */
  readonly to: string
}

/** What a downgrade did. */
export interface DowngradeResult {
  /** In the order in which they were undone; empty if there was nothing to do. */
  readonly revisions: readonly RevisionStep[]
  /** The ids that nothing applied builds on, now; empty at the base. */
  readonly heads: readonly string[]
}

/**
 * Undoes applied revisions, newest first, until `to` is reached.
 *
 * @throws {MigrationError} as `upgrade` does
 */
export async function downgrade<DB>(
  engine: Engine<DB>,
  revisions: readonly Revision[],
  options: DowngradeOptions,
): Promise<DowngradeResult> {
  const graph = new RevisionGraph(revisions)
  return withRunner(engine as unknown as Engine<unknown>, options, async (runner) => {
    const applied = new Set((await runner.prepare(graph)).map(({ id }) => id))
    const steps = await runner.run(planDowngrade(graph, applied, options.to), 'down')
    for (const { id } of steps) applied.delete(id)
    return { revisions: steps, heads: graph.headsAmong(applied).map(({ id }) => id) }
  })
}
