import {
  type DeleteQueryNode,
  type OperationNode,
  type RootOperationNode,
  SelectionNode,
  SelectQueryNode,
  type UpdateQueryNode,
} from 'kysely'
import type { WhenNone } from '../engine/rewriter.ts'
import { StaleError } from '../errors/stale-error.ts'
import { UsageError } from '../errors/usage-error.ts'
import type { Model } from '../model/model.ts'
import { VERSION } from '../model/version.ts'
import { marksOf, unscopedLike } from './marks.ts'
import { behavioursOf, columnOf, nodeOf } from './pass.ts'
import { type ModelsByName, sourceOf } from './sources.ts'

/**
 * The column in which a model counts.
 *
 * @throws {UsageError} `VERSION_MISSING`
 */
export function versionOf(model: Model | undefined): string {
  const found = model && behavioursOf(model).find(({ behaviour }) => behaviour.name === VERSION)
  if (found !== undefined) return found.key
  throw new UsageError(
    'VERSION_MISSING',
    `atVersion() was asked of ${model?.name ?? 'a table without a model'}, which has no version: give the model a column c.version()`,
  )
}

/**
 * What is asked when an update or delete at a version has changed nothing: which version the row has. Undefined for a query that asks
 * for none.
 *
 * @throws {UsageError} `VERSION_NESTED` for a query with CTEs, which would have to run again
 */
export function versionCheckOf(
  root: RootOperationNode,
  models: ModelsByName,
): WhenNone | undefined {
  if (marksOf(root).version === undefined) return undefined
  if ('with' in root && root.with !== undefined) {
    throw new UsageError(
      'VERSION_NESTED',
      'atVersion() stands on a query with CTEs, which would have to run again to find the version: run it as a query of its own',
    )
  }
  return (again) => {
    const query = again as UpdateQueryNode | DeleteQueryNode
    const [table, others] = sourcesOf(query)
    const { model, name } = sourceOf(table, models, new Set())
    const version = nodeOf(columnOf(name, versionOf(model)))
    const { where, joins } = query
    const select: SelectQueryNode = {
      ...SelectQueryNode.createFrom([table, ...others]),
      selections: [SelectionNode.create(version as SelectionNode['selection'])],
      ...(joins && { joins }),
      ...(where && { where }),
    }
    return {
      select: unscopedLike(select, query),
      refuse: (rows) => {
        const [row] = rows as Record<string, unknown>[]
        const found = row && Object.values(row)[0]
        return new StaleError({
          model: model?.name ?? name,
          asked: marksOf(query).version?.value,
          found,
        })
      },
    }
  }
}

/** The written table, and those that stand beside it. */
function sourcesOf(
  query: UpdateQueryNode | DeleteQueryNode,
): readonly [OperationNode, readonly OperationNode[]] {
  if (query.kind === 'UpdateQueryNode')
    return [query.table as OperationNode, query.from?.froms ?? []]
  return [query.from.froms[0] as OperationNode, query.using?.tables ?? []]
}
