import { MigrationError } from '../migration-error.ts'
import type { RevisionGraph } from '../revision/graph.ts'
import type { Revision } from '../revision/revision.ts'
import type { AppliedRevision } from './version-table.ts'

/**
 * How the files and the database disagree about a revision: `missing` is applied and has no file, `edited` is applied and
 * its file has changed since, `late` is not applied although one that builds on it is.
 */
export type Disagreement = 'missing' | 'edited' | 'late'

/** What the files and the database disagree about, by id. */
export function disagreements(
  graph: RevisionGraph<Revision>,
  applied: readonly AppliedRevision[],
): Map<string, { readonly name: string; readonly kind: Disagreement }> {
  const found = new Map<string, { name: string; kind: Disagreement }>()
  const ids = new Set(applied.map(({ id }) => id))
  for (const { id, name, checksum } of applied) {
    const revision = graph.get(id)
    if (revision === undefined) found.set(id, { name, kind: 'missing' })
    else if (revision.checksum !== checksum) found.set(id, { name: revision.name, kind: 'edited' })
  }
  const expected = graph.withAncestors(ids)
  for (const { id, name } of graph.order) {
    if (expected.has(id) && !ids.has(id)) found.set(id, { name, kind: 'late' })
  }
  return found
}

/**
 * Stops where the files do not tell what the database holds.
 *
 * @throws {MigrationError} `REVISION_MISSING`, `REVISION_CHECKSUM` or `REVISION_LATE`
 */
export function assertConsistent(
  graph: RevisionGraph<Revision>,
  applied: readonly AppliedRevision[],
): void {
  const found = [...disagreements(graph, applied)]
  for (const [kind, code, explain] of REFUSALS) {
    const affected = found.filter(([, disagreement]) => disagreement.kind === kind)
    if (affected.length === 0) continue
    const names = affected.map(([, { name }]) => name).join(', ')
    throw new MigrationError(code, `${names}: ${explain}`, {
      revisions: affected.map(([id]) => id),
    })
  }
}

const REFUSALS = [
  [
    'missing',
    'REVISION_MISSING',
    'applied to this database, but no file is here for it. Run this from a checkout that has the file, or bring it back from version control; if it is gone for good, say where the database stands with aquifer stamp <id> --purge',
  ],
  [
    'edited',
    'REVISION_CHECKSUM',
    'applied to this database, and the file was edited afterwards. Bring back the file as it was applied, and put the change into a new revision; if it changes nothing that was run, as a comment, accept it with aquifer repair <id> --accept',
  ],
  [
    'late',
    'REVISION_LATE',
    'not applied, although a revision that builds on it is. Let it build on the head instead (`parents` in its header), so that it comes last',
  ],
] as const
