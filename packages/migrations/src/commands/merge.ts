import { loadRevisions } from '../revision/directory.ts'
import { RevisionGraph } from '../revision/graph.ts'
import { type CreatedRevision, createRevision } from './revision.ts'

/** Which heads to join, and how to call it. */
export interface MergeOptions {
  /** Says in a few words what is joined. @default 'merge' */
  readonly message?: string
  /** References to the heads. @default all */
  readonly heads?: readonly string[]
}

/**
 * Writes an empty revision that builds on several heads.
 *
 * @returns undefined if there is but one head: nothing is written
 * @throws as `createRevision` does
 */
export async function merge(
  directory: URL | string,
  { message = 'merge', heads = [] }: MergeOptions = {},
): Promise<CreatedRevision | undefined> {
  const graph = new RevisionGraph(await loadRevisions(directory))
  const chosen = heads.length > 0 ? heads : graph.heads.map(({ id }) => id)
  return chosen.length < 2 ? undefined : createRevision(directory, message, { heads: chosen })
}
