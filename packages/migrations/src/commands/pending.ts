import type { Engine } from '@aquifer/core'
import { RevisionGraph } from '../revision/graph.ts'
import type { Revision } from '../revision/revision.ts'
import { throughSquashes } from '../runner/squashed.ts'
import { current } from './current.ts'

/**
 * The revisions that are not applied, in the order in which `upgrade heads` would apply them; changes nothing and takes no lock.
 *
 * @throws {MigrationError} if the files make no graph; `REVISION_SQUASHED`
 */
export async function pending<DB>(
  engine: Engine<DB>,
  revisions: readonly Revision[],
): Promise<Revision[]> {
  const graph = new RevisionGraph(revisions)
  const { applied } = await current(engine)
  const ids = new Set(throughSquashes(graph, applied).map(({ id }) => id))
  return graph.order.filter(({ id }) => !ids.has(id))
}
