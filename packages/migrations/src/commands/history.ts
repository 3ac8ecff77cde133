import type { Engine } from '@aquifer/core'
import { RevisionGraph } from '../revision/graph.ts'
import type { Revision } from '../revision/revision.ts'
import { type Disagreement, disagreements } from '../runner/consistency.ts'
import type { AppliedRevision } from '../runner/version-table.ts'
import { current } from './current.ts'

/** One revision as files and database know it. */
export interface HistoryEntry {
  readonly id: string
  readonly name: string
  readonly parents: readonly string[]
  /** Whether no other file builds on it. */
  readonly head: boolean
  /** Absent if it is pending. */
  readonly applied?: AppliedRevision
  /** Absent if files and database agree. */
  readonly disagreement?: Disagreement
}

/**
 * Every revision, newest first, with what the database says of it. Applied ones that no file is here for come first.
 *
 * @throws {MigrationError} if the files make no graph: `REVISION_UNKNOWN`, `REVISION_AMBIGUOUS`, `REVISION_CYCLE`
 */
export async function history<DB>(
  engine: Engine<DB>,
  revisions: readonly Revision[],
): Promise<HistoryEntry[]> {
  const graph = new RevisionGraph(revisions)
  const { applied } = await current(engine)
  const byId = new Map(applied.map((revision) => [revision.id, revision]))
  const found = disagreements(graph, applied)
  const withoutFile = applied.filter(({ id }) => graph.get(id) === undefined)
  return [...graph.order, ...withoutFile].reverse().map(({ id, name, parents }) => {
    const row = byId.get(id)
    const kind = found.get(id)?.kind
    return {
      id,
      name,
      parents,
      head: graph.heads.some((head) => head.id === id),
      ...(row && { applied: row }),
      ...(kind && { disagreement: kind }),
    }
  })
}
