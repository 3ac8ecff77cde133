import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from '@aquifer/core'
import { loadRevisions, pathOf } from '../revision/directory.ts'
import { formatFileName, parseFileName, slugOf } from '../revision/file-name.ts'
import { freshId } from '../revision/fresh-id.ts'
import { RevisionGraph } from '../revision/graph.ts'
import { branchStart, resolveReference } from '../revision/reference.ts'
import { LABEL, type Revision } from '../revision/revision.ts'
import { emptyRevision } from '../revision/template.ts'

/** What a new revision builds on. */
export interface CreateRevisionOptions {
  /** References, as ids; several make a merge; `base` makes it build on nothing. @default the head of the branch, or the only one */
  readonly heads?: readonly string[]
  /** The label of a branch: it goes on there, or begins there if no revision has it. */
  readonly branch?: string
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
  const branch = options.branch === undefined ? undefined : branchIn(graph, options.branch)
  const parents = parentsIn(graph, options.heads ?? branch?.heads ?? [])

  const id = freshId(graph)
  const name = formatFileName({ createdAt: afterAll(parents), id, slug })
  const file = join(folder, `${name}.ts`)
  const parentIds = parents.map((parent) => parent.id)
  const header = {
    id,
    parents: parentIds,
    phase: 'expand',
    transaction: true,
    ...branch?.label,
  } as const
  await writeFile(file, emptyRevision(header, message), { flag: 'wx' })
  return { id, name, parents: parentIds, file }
}

function parentsIn(graph: RevisionGraph<Revision>, references: readonly string[]): Revision[] {
  if (references.length === 1 && references[0] === 'base') return []
  if (references.length > 0) {
    return [...new Set(references.map((each) => resolveReference(graph, each)))]
  }
  const head = graph.singleHead
  return head === undefined ? [] : [head]
}

/** A branch that is there goes on at its head; a new one is named in the header of its first revision. */
function branchIn(graph: RevisionGraph<Revision>, label: string) {
  if (!LABEL.test(label)) {
    throw new UsageError(
      'LABEL_INVALID',
      `a label begins with a letter and holds nothing but a-z, 0-9 and _, not ${JSON.stringify(label)}`,
    )
  }
  return branchStart(graph, label) === undefined
    ? { label: { label } }
    : { heads: [`${label}@head`] }
}

/** Now, or a second after the newest of these revisions: a list of files then shows them in order. */
function afterAll(revisions: readonly Revision[]): Date {
  const written = revisions.map(({ name }) => parseFileName(name)?.createdAt.getTime() ?? 0)
  return new Date(Math.max(Date.now(), ...written.map((ms) => ms + 1_000)))
}
