import type { OperationNode } from 'kysely'
import type { Decoder } from '../codec/registry.ts'
import { outputOf, outside } from './outputs.ts'
import type { ModelsByName } from './sources.ts'

/**
 * How the columns of a result are read that their types do not say it of, by their names in TypeScript. Undefined if there are none.
 *
 * The rule: a column of the result is read by the codec of a model's column if the query says that it is that column. It says so by a plain
 * or qualified reference, with an alias or without; by `*` over models, subqueries and CTEs; by RETURNING; by a subquery that gives one
 * column; by `min`, `max` and `coalesce` over such; through subqueries, CTEs and joins of any kind, and through UNION, INTERSECT and EXCEPT if
 * all sides agree. All else (an expression, raw SQL, a table without a model, a name that the result has twice or that `*` over something
 * unknown may have as well) is read by the type that the server says.
 */
export function decodersOf(
  root: OperationNode,
  models: ModelsByName,
): ReadonlyMap<string, Decoder> | undefined {
  const { items, open } = outputOf(root, outside(models))
  if (open) return undefined
  const counts = Map.groupBy(items, ({ name }) => name)
  const decoders = new Map<string, Decoder>()
  for (const { name, codec } of items) {
    if (codec?.special === true && counts.get(name)?.length === 1) decoders.set(name, codec.decode)
  }
  return decoders.size === 0 ? undefined : decoders
}
