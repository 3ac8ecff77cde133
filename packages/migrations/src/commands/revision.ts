import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from '@aquifer/core'
import { loadRevisions, pathOf } from '../revision/directory.ts'
import { formatFileName, parseFileName, slugOf } from '../revision/file-name.ts'
import { RevisionGraph } from '../revision/graph.ts'
import type { Revision } from '../revision/revision.ts'
import { emptyRevision } from '../revision/template.ts'

/** What a new revision builds on. */
export interface CreateRevisionOptions {
  /** Ids, or their beginnings; several make a merge. @default the only head */
  readonly heads?: readonly string[]
}

/** A revision file that was written. */
export interface CreatedRevision {
  readonly id: string
  readonly name: string
  readonly parents: readonly string[]
  /** The file's path. */
  readonly file: string
}

/**
 * Writes the file of an empty revision; the folder is made if it is missing.
 *
 * @param message says in a few words what the revision does; the file's name comes from it
 * @throws {MigrationError} `REVISION_HEADS` if there are several heads and none is named; {UsageError} `MESSAGE_INVALID` if no name
 *   can be made of the message
 */
export async function createRevision(
  directory: URL | string,
  message: string,
  options: CreateRevisionOptions = {},
): Promise<CreatedRevision> {
  const slug = slugOf(message)
  if (slug === '') {
    throw new UsageError(
      'MESSAGE_INVALID',
      'the message names the file and needs a letter of a-z or a digit, as "add invoices"',
    )
  }
  const folder = pathOf(directory)
  await mkdir(folder, { recursive: true })
  const graph = new RevisionGraph(await loadRevisions(folder))
  const parents = parentsIn(graph, options.heads ?? [])

  const id = freshId(graph)
  const name = formatFileName({ createdAt: afterAll(parents), id, slug })
  const file = join(folder, `${name}.ts`)
  const parentIds = parents.map((parent) => parent.id)
  const header = { id, parents: parentIds, phase: 'expand', transaction: true } as const
  await writeFile(file, emptyRevision(header, message), { flag: 'wx' })
  return { id, name, parents: parentIds, file }
}

function parentsIn(graph: RevisionGraph<Revision>, references: readonly string[]): Revision[] {
  if (references.length > 0) return [...new Set(references.map((id) => graph.find(id)))]
  const head = graph.singleHead
  return head === undefined ? [] : [head]
}

/** Now, or a second after the newest of these revisions: a list of files then shows them in order. */
function afterAll(revisions: readonly Revision[]): Date {
  const written = revisions.map(({ name }) => parseFileName(name)?.createdAt.getTime() ?? 0)
  return new Date(Math.max(Date.now(), ...written.map((ms) => ms + 1_000)))
}

function freshId(graph: { get(id: string): unknown }): string {
  for (;;) {
    const id = randomBytes(4).toString('hex')
    if (graph.get(id) === undefined) return id
  }
}
