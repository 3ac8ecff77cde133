import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from '@aquifer/core'
import { loadRevisions, pathOf } from '../revision/directory.ts'
import { formatFileName, parseFileName, slugOf } from '../revision/file-name.ts'
import { freshId } from '../revision/fresh-id.ts'
import { listed, RevisionGraph } from '../revision/graph.ts'
import { between } from '../revision/range.ts'
import type { Revision } from '../revision/revision.ts'
import { statementsRevision } from '../revision/template.ts'
import { recordStatements } from '../runner/statements/recorded.ts'

/** What to make one of. */
export interface SquashOptions {
  /** `a:b`, both included; left out are the first and the only head. @default everything */
  readonly range?: string
  /** @default 'squashed' */
  readonly message?: string
}

/** A revision that took the place of others. */
export interface SquashedRevision {
  readonly id: string
  readonly name: string
  readonly file: string
  /** The ids of those that it replaces; their files are gone. */
  readonly replaces: readonly string[]
}

/**
 * Writes one revision that does what several do and deletes their files. A database where all of them are applied takes it for applied; files that
 * build on them stay as they are.
 *
 * @throws {UsageError} `SQUASH_RANGE` if they are fewer than two, not one line of revisions between one start and one end, or do
 *   not all run in a transaction; {MigrationError} `REVISION_OFFLINE`
 */
export async function squash(
  directory: URL | string,
  { range = '', message = 'squashed' }: SquashOptions = {},
): Promise<SquashedRevision> {
  const graph = new RevisionGraph(await loadRevisions(directory))
  const chosen = between(graph, range, 'with start')
  assertSquashable(graph, chosen)
  const up: string[] = []
  const down: string[] = []
  for (const revision of chosen) up.push(...(await recordStatements(revision, 'up')))
  for (const revision of chosen.toReversed()) {
    down.push(...(await recordStatements(revision, 'down')))
  }
  const [first] = chosen as [Revision]
  const last = chosen.at(-1) as Revision
  const id = freshId(graph)
  const createdAt = parseFileName(last.name)?.createdAt ?? new Date()
  const name = formatFileName({ createdAt, id, slug: slugOf(message) || 'squashed' })
  const file = join(pathOf(directory), `${name}.ts`)
  const replaces = chosen.flatMap((revision) => [...(revision.replaces ?? []), revision.id])
  const header = {
    id,
    parents: graph.parents(first),
    phase: chosen.some(({ phase }) => phase === 'contract') ? 'contract' : 'expand',
    transaction: true,
    replaces,
  } as const
  await writeFile(file, statementsRevision(header, message, { up, down }), { flag: 'wx' })
  for (const revision of chosen) await rm(revision.file)
  return { id, name, file, replaces }
}

function assertSquashable(graph: RevisionGraph<Revision>, chosen: readonly Revision[]): void {
  const refuse = (reason: string) => new UsageError('SQUASH_RANGE', reason)
  if (chosen.length < 2) throw refuse('there are no two revisions to make one of')
  const ids = new Set(chosen.map(({ id }) => id))
  const outside = chosen.filter(({ transaction }) => !transaction)
  if (outside.length > 0) {
    throw refuse(
      `${listed(outside)}: what runs outside a transaction cannot become part of one; choose a range without it`,
    )
  }
  const entries = chosen.filter((node) => graph.parents(node).some((id) => !ids.has(id)))
  const starts = chosen.filter((node) => graph.parents(node).every((id) => !ids.has(id)))
  const exits = chosen
    .slice(0, -1)
    .filter(({ id }) => graph.children(id).some((child) => !ids.has(child.id)))
  if (starts.length > 1 || entries.some((node) => node !== starts[0]) || exits.length > 0) {
    throw refuse(
      `${listed(exits.length > 0 ? exits : [...starts, ...entries])}: a branch begins or ends inside of the range; choose one between two points that everything passes`,
    )
  }
  const labelled = chosen.filter(({ label }) => label !== undefined)
  if (labelled.length > 0)
    throw refuse(`${listed(labelled)}: a labelled branch begins inside of the range`)
}
