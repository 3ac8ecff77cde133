import {
  type BinaryOperationNode,
  type OperationNode,
  type PrimitiveValueListNode,
  type RootOperationNode,
  ValueNode,
} from 'kysely'
import { isOfOneValue } from './comparisons.ts'
import { codecOf } from './outputs.ts'
import type { ModelsByName } from './sources.ts'
import { replaceNodes } from './tree.ts'
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
  return arrays.size === 0 ? root : replaceNodes(root, arrays)
}
