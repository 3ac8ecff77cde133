import {
  type BinaryOperationNode,
  type OperationNode,
  type PrimitiveValueListNode,
  type RootOperationNode,
  ValueNode,
} from 'kysely'
import { holdsValues } from '../engine/value-nodes.ts'
import { isOfOneValue } from './comparisons.ts'
import { codecOf } from './outputs.ts'
import type { ModelsByName } from './sources.ts'
import { walk } from './walk.ts'

/**
 * Makes `where('tags', '=', ['a', 'b'])`, which Kysely builds as a comparison with the list `('a', 'b')`, into one with an array, where the
 * column's values are arrays. Such a query is compiled anew each time; `eb.val(['a', 'b'])` is not.
 */
export function withArrayOperands(
  root: RootOperationNode,
  models: ModelsByName,
): RootOperationNode {
  const arrays = new Map<OperationNode, OperationNode>()
  walk(root, models, (node, around) => {
    if (node.kind !== 'BinaryOperationNode') return
    const { leftOperand, rightOperand } = node as BinaryOperationNode
    if (rightOperand.kind !== 'PrimitiveValueListNode') return
    if (!isOfOneValue(node as BinaryOperationNode)) return
    if (codecOf(leftOperand, around)?.takesArrays !== true) return
    const { values } = rightOperand as PrimitiveValueListNode
    arrays.set(rightOperand, ValueNode.create(values))
  })
  return arrays.size === 0 ? root : replaced(root, arrays)
}

/** Nodes above a replaced one are made anew; all others stay who they are. */
function replaced<T>(value: T, by: ReadonlyMap<unknown, OperationNode>): T {
  const replacement = by.get(value)
  if (replacement !== undefined) return replacement as T
  if (Array.isArray(value)) {
    const items = value.map((item) => replaced(item, by))
    return items.some((item, at) => item !== value[at]) ? (items as T) : value
  }
  if (typeof value !== 'object' || value === null || !('kind' in value)) return value
  if (holdsValues(value as unknown as OperationNode)) return value
  const entries = Object.entries(value).map(([key, item]) => [key, replaced(item, by)] as const)
  const isSame = entries.every(([key, item]) => item === value[key as keyof typeof value])
  return isSame ? value : (Object.freeze(Object.fromEntries(entries)) as T)
}
