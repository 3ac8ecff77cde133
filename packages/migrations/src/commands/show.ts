import { RevisionGraph } from '../revision/graph.ts'
import { resolveReference } from '../revision/reference.ts'
import type { Revision } from '../revision/revision.ts'

/** One revision and what is around it. */
export interface ShownRevision extends Omit<Revision, 'up' | 'down'> {
  /** The ids of those that build on it. */
  readonly children: readonly string[]
  /** Whether none does. */
  readonly head: boolean
}

/**
 * A revision as its file describes it; no database is asked.
 *
 * @param reference an id or its beginning, a label, `head`, or one of them with steps
 * @throws {MigrationError} `REVISION_UNKNOWN`, `REVISION_AMBIGUOUS`, `REVISION_HEADS`
 */
export function show(revisions: readonly Revision[], reference: string): ShownRevision {
  const graph = new RevisionGraph(revisions)
  const { up: _up, down: _down, ...revision } = resolveReference(graph, reference)
  const children = graph.children(revision.id).map(({ id }) => id)
  return { ...revision, children, head: children.length === 0 }
}
