import type { Engine } from '@aquifer/core'
import type { SchemaStep } from '../config.ts'
import { RevisionGraph } from '../revision/graph.ts'
import { planUpgrade } from '../revision/plan.ts'
import type { Revision } from '../revision/revision.ts'
import {
  type RevisionStep,
  type RunOptions,
  type SchemaResult,
  withRunner,
} from '../runner/runner.ts'

/** How far to go up, and what to do there. */
export interface UpgradeOptions extends RunOptions {
  /** `head`, `heads`, `+N`, or an id or its beginning. @default 'head' */
  readonly to?: string
  /** `expand` leaves out the revisions of the phase `contract` and those that build on them. @default every phase */
  readonly phase?: 'expand'
  /** Brought up to date when every head is applied, or all but those that `phase` leaves out. @default none */
  readonly schemas?: readonly SchemaStep[]
}

/** What an upgrade did. */
export interface UpgradeResult {
  /** In the order in which they were applied; empty if there was nothing to do. */
  readonly revisions: readonly RevisionStep[]
  readonly schemas: readonly SchemaResult[]
  /** The ids that nothing applied builds on, now. */
  readonly heads: readonly string[]
  /** The ids of those that `phase` has left out. */
  readonly held: readonly string[]
}

/**
 * Applies the revisions that are missing up to `to`. Each is applied whole or not at all, and once, however many
 * deployers do the same at the same time.
 *
 * @throws {MigrationError} if a revision fails, the files do not fit the database, or the lock is not free in time; what was
 *   applied before stays. {CancelledError} if the signal fires while it waits
 */
export async function upgrade<DB>(
  engine: Engine<DB>,
  revisions: readonly Revision[],
  options: UpgradeOptions = {},
): Promise<UpgradeResult> {
  const { to = 'head', schemas = [] } = options
  const graph = new RevisionGraph(revisions)
  // A wrong target is told before anybody waits.
  planUpgrade(graph, new Set(), to)

  return withRunner(engine as unknown as Engine<unknown>, options, async (runner) => {
    const applied = new Set((await runner.prepare(graph)).map(({ id }) => id))
    const plan = planUpgrade(graph, applied, to)
    const held = options.phase === 'expand' ? heldBack(graph, plan) : new Set<string>()
    const steps = await runner.run(
      plan.filter(({ id }) => !held.has(id)),
      'up',
    )
    for (const { id } of steps) applied.add(id)
    const complete = graph.heads.every(({ id }) => applied.has(id) || held.has(id))
    return {
      revisions: steps,
      schemas: complete ? await runner.runSchemas(schemas) : [],
      heads: graph.headsAmong(applied).map(({ id }) => id),
      held: plan.filter(({ id }) => held.has(id)).map(({ id }) => id),
    }
  })
}

/** Those that take away, and all that build on them. */
function heldBack(graph: RevisionGraph<Revision>, plan: readonly Revision[]): Set<string> {
  return graph.withDescendants(plan.filter(({ phase }) => phase === 'contract').map(({ id }) => id))
}
