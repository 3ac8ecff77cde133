import { RevisionGraph } from '../revision/graph.ts'
import type { Revision } from '../revision/revision.ts'

/**
 * The revisions that no other builds on; more than one means that branches await a merge.
 *
 * @throws {MigrationError} `REVISION_UNKNOWN`, `REVISION_AMBIGUOUS`, `REVISION_CYCLE`
 */
export function heads(revisions: readonly Revision[]): readonly Revision[] {
  return new RevisionGraph(revisions).heads
}
