import {
  createQueryId,
  type OperationNodeSource,
  type QueryExecutorProvider,
  type SelectQueryNode,
} from 'kysely'
import { jsonQuery } from './json-query.ts'
import type { Links } from './link.ts'
import { engineExecutor } from './load-into.ts'

/**
 * The rows of a query with its edges as one JSON text.
 *
 * @throws {UsageError} `LOAD_JSON` if a column of the query has no name; `LOAD_NOT_SENT`
 */
export async function loadJson(
  links: Links,
  db: QueryExecutorProvider,
  query: OperationNodeSource,
): Promise<string> {
  const executor = engineExecutor(db)
  const node = jsonQuery(links, query.toOperationNode() as SelectQueryNode)
  const { rows } = await executor.executeQuery<string>(executor.compileQuery(node, createQueryId()))
  return rows[0] as string
}
