import type { Engine } from '@aquifer/core'
import { RevisionGraph } from '../revision/graph.ts'
import { resolveReference } from '../revision/reference.ts'
import type { Revision } from '../revision/revision.ts'
import { type RunOptions, withRunner } from '../runner/runner.ts'
import { throughSquashes } from '../runner/squashed.ts'
import { deleteApplied, forgetEverything, insertApplied } from '../runner/version-table.ts'

/** Where the database is said to stand. */
export interface StampOptions extends RunOptions {
  /** `head`, `heads`, `base`, or a reference as an id. */
  readonly to: string
  /** First forgets all that is on record, revisions without a file and half-done ones too. @default false */
  readonly purge?: boolean
}

/** What is on record now that was not before, and the other way round. */
export interface StampResult {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  /** The ids that nothing applied builds on, now. */
  readonly heads: readonly string[]
}

/**
 * Says where the database stands without running anything: what `to` builds on counts as applied, what builds on it does not, and branches
 * beside it stay as they are.
 *
 * @throws {MigrationError} `REVISION_UNKNOWN`, `REVISION_AMBIGUOUS`, `REVISION_HEADS`, and as the lock does
 */
export async function stamp<DB>(
  engine: Engine<DB>,
  revisions: readonly Revision[],
  options: StampOptions,
): Promise<StampResult> {
  const graph = new RevisionGraph(revisions)
  const goals = goalsOf(graph, options.to)
  return withRunner(engine as unknown as Engine<unknown>, options, async (runner) => {
    const { applied } = await runner.look()
    const before = options.purge === true ? [] : throughSquashes(graph, applied)
    const target = graph.withAncestors(goals)
    const above =
      options.to === 'base' ? new Set(before.map(({ id }) => id)) : graph.withDescendants(goals)
    const kept = before.filter(({ id }) => target.has(id) || !above.has(id))
    const added = graph.order.filter(
      ({ id }) => target.has(id) && !kept.some((row) => row.id === id),
    )
    await runner.transaction(async (connection) => {
      if (options.purge === true) await forgetEverything(connection)
      else for (const row of before) if (!kept.includes(row)) await deleteApplied(connection, row)
      for (const revision of added) await insertApplied(connection, revision, 0)
    })
    const now = new Set([...kept, ...added].map(({ id }) => id))
    return {
      added: added.map(({ id }) => id).filter((id) => !applied.some((row) => row.id === id)),
      removed: applied.map(({ id }) => id).filter((id) => !now.has(id)),
      heads: graph.headsAmong(now).map(({ id }) => id),
    }
  })
}

function goalsOf(graph: RevisionGraph<Revision>, to: string): string[] {
  if (to === 'base') return []
  if (to === 'heads') return graph.heads.map(({ id }) => id)
  return [resolveReference(graph, to).id]
}
