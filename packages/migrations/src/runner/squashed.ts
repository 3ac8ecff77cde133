import { MigrationError } from '../migration-error.ts'
import type { RevisionGraph } from '../revision/graph.ts'
import type { Revision } from '../revision/revision.ts'
import {
  type AppliedRevision,
  type Connection,
  deleteApplied,
  insertApplied,
} from './version-table.ts'

/** One that took the place of others, all of which are applied. */
interface Squashed {
  readonly revision: Revision
  readonly rows: readonly AppliedRevision[]
}

/**
 * What is applied as the graph knows it: where all that a revision replaces are applied, that one is, and they are not.
 *
 * @throws {MigrationError} `REVISION_SQUASHED` if a part of them is applied
 */
export function throughSquashes(
  graph: RevisionGraph<Revision>,
  applied: readonly AppliedRevision[],
): AppliedRevision[] {
  const squashed = squashedIn(graph, applied)
  const replaced = new Set(squashed.flatMap(({ rows }) => rows.map(({ id }) => id)))
  const inTheirPlace = squashed.map(({ revision, rows }) => ({
    id: revision.id,
    name: revision.name,
    parents: revision.parents,
    checksum: revision.checksum,
    appliedAt: lastOf(rows),
    durationMs: rows.reduce((sum, row) => sum + row.durationMs, 0),
    appliedBy: rows.at(-1)?.appliedBy ?? '',
  }))
  return [...inTheirPlace, ...applied.filter(({ id }) => !replaced.has(id))]
}

/** Notes in the database what `throughSquashes` says. */
export async function recordSquashes(
  connection: Connection,
  graph: RevisionGraph<Revision>,
  applied: readonly AppliedRevision[],
): Promise<void> {
  for (const { revision, rows } of squashedIn(graph, applied)) {
    const durationMs = rows.reduce((sum, row) => sum + row.durationMs, 0)
    await insertApplied(connection, revision, durationMs, lastOf(rows))
    for (const { id } of rows) await deleteApplied(connection, { id })
  }
}

function squashedIn(
  graph: RevisionGraph<Revision>,
  applied: readonly AppliedRevision[],
): Squashed[] {
  return graph.order.flatMap((revision) => {
    const { replaces = [] } = revision
    const rows = applied.filter(({ id }) => replaces.includes(id))
    if (rows.length === 0) return []
    if (rows.length === replaces.length) return { revision, rows }
    throw new MigrationError(
      'REVISION_SQUASHED',
      `${revision.name} replaces ${replaces.length} revisions of which ${rows.length} are applied: bring the database to the last of them, ${replaces.at(-1)}, from a checkout that still has their files`,
      { revisions: [revision.id] },
    )
  })
}

function lastOf(rows: readonly AppliedRevision[]): Date {
  return new Date(Math.max(...rows.map(({ appliedAt }) => appliedAt.getTime())))
}
