import type { KyselyPlugin, OperationNode, RootOperationNode } from 'kysely'
import { marked } from './marks.ts'
import { isQuery } from './sources.ts'

/** Marks the root of the query that it is given to. */
export function markWith(mark: OperationNode): KyselyPlugin {
  return {
    transformQuery: ({ node }): RootOperationNode => (isQuery(node) ? marked(node, mark) : node),
    transformResult: async ({ result }) => result,
  }
}
