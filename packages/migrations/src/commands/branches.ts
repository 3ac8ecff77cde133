import { RevisionGraph } from '../revision/graph.ts'
import type { Revision } from '../revision/revision.ts'

/** A place where the graph parts, or where a labelled branch begins. */
export interface Branch {
  readonly id: string
  readonly name: string
  /** The label of the branch that begins here. */
  readonly label?: string
  /** Those that build on it; several where the graph parts. */
  readonly children: readonly { readonly id: string; readonly name: string }[]
}

/**
 * Every revision on which several others build, and every one with a label; parents first.
 *
 * @throws {MigrationError} if the files make no graph
 */
export function branches(revisions: readonly Revision[]): Branch[] {
  const graph = new RevisionGraph(revisions)
  return graph.order
    .map(({ id, name, label }) => ({
      id,
      name,
      ...(label !== undefined && { label }),
      children: graph.children(id).map((child) => ({ id: child.id, name: child.name })),
    }))
    .filter(({ label, children }) => label !== undefined || children.length > 1)
}
