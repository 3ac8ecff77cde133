import type { Engine } from '@aquifer/core'
import { RevisionGraph } from '../revision/graph.ts'
import { between } from '../revision/range.ts'
import type { Phase, Revision } from '../revision/revision.ts'
import { type Disagreement, disagreements } from '../runner/consistency.ts'
import { throughSquashes } from '../runner/squashed.ts'
import type { AppliedRevision } from '../runner/version-table.ts'
import { current } from './current.ts'

/** One revision as files and database know it. */
export interface HistoryEntry {
  readonly id: string
  readonly name: string
  readonly parents: readonly string[]
  /** Whether no other file builds on it. */
  readonly head: boolean
  /** Absent where no file is here for it. */
  readonly phase?: Phase
  readonly label?: string
  /** Absent if it is pending. */
  readonly applied?: AppliedRevision
  /** Absent if files and database agree. */
  readonly disagreement?: Disagreement
}

/** Which revisions to list. */
export interface HistoryOptions {
  /** `a:b`: what `b` builds on and `a` does not, with both of them; either may be left out. @default all */
  readonly range?: string
}

/**
 * Every revision, newest first, with what the database says of it. Applied ones that no file is here for come first.
 *
 * @throws {MigrationError} if the files make no graph: `REVISION_UNKNOWN`, `REVISION_AMBIGUOUS`, `REVISION_CYCLE`
 */
export async function history<DB>(
  engine: Engine<DB>,
  revisions: readonly Revision[],
  options: HistoryOptions = {},
): Promise<HistoryEntry[]> {
  const graph = new RevisionGraph(revisions)
  const applied = throughSquashes(graph, (await current(engine)).applied)
  const byId = new Map(applied.map((revision) => [revision.id, revision]))
  const found = disagreements(graph, applied)
  const withoutFile = applied.filter(({ id }) => graph.get(id) === undefined)
  const { range } = options
  const listed =
    range === undefined ? [...graph.order, ...withoutFile] : between(graph, range, 'with start')
  return [...listed].reverse().map((entry) => {
    const { id, name, parents } = entry
    const { phase, label } = graph.get(id) ?? {}
    const row = byId.get(id)
    const kind = found.get(id)?.kind
    return {
      id,
      name,
      parents,
      head: graph.heads.some((head) => head.id === id),
      ...(phase && { phase }),
      ...(label && { label }),
      ...(row && { applied: row }),
      ...(kind && { disagreement: kind }),
    }
  })
}
