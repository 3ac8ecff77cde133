import type {
  AndNode,
  BinaryOperationNode,
  OperationNode,
  OperatorNode,
  ParensNode,
  TupleNode,
  ValueListNode,
} from 'kysely'

/** Operators whose right side is a list of values of the left side's type. */
const OF_LISTS = new Set(['in', 'not in'])

/** Operators whose two sides are of one type, if one of them is a value: the server takes it for a value of the other's type. */
const OF_ONE_TYPE = new Set([
  ...['=', '==', '!=', '<>', '<', '<=', '>', '>=', '<=>'],
  ...['is', 'is not', 'is distinct from', 'is not distinct from'],
  ...['between', 'between symmetric'],
  ...['@>', '<@', '&&', '<<', '>>', '&<', '&>', '-|-', '||'],
])

/** Two operands of which the server reads a value as it reads the other. */
export type Pair = readonly [OperationNode, OperationNode]

/** What is compared with what: a column with a value, each of a list, both bounds, or tuples part by part. */
export function pairsOf({ leftOperand, operator, rightOperand }: BinaryOperationNode): Pair[] {
  if (operator.kind !== 'OperatorNode') return []
  const { operator: name } = operator as OperatorNode
  if (OF_LISTS.has(name)) return itemsOf(rightOperand).flatMap((item) => paired(leftOperand, item))
  if (!OF_ONE_TYPE.has(name)) return []
  if (rightOperand.kind === 'AndNode') {
    const { left, right } = rightOperand as AndNode
    return [
      [leftOperand, left],
      [leftOperand, right],
    ]
  }
  return paired(leftOperand, rightOperand)
}

/** Whether a comparison has one operand on its right side and no list. */
export function isOfOneValue({ operator }: BinaryOperationNode): boolean {
  return operator.kind === 'OperatorNode' && OF_ONE_TYPE.has((operator as OperatorNode).operator)
}

function paired(one: OperationNode, other: OperationNode): Pair[] {
  const [parts, others] = [tupleOf(one), tupleOf(other)]
  if (parts === undefined || others === undefined) return [[one, other]]
  return parts.flatMap((part, at) => {
    const counterpart = others[at]
    return counterpart === undefined ? [] : ([[part, counterpart]] satisfies Pair[])
  })
}

function itemsOf(list: OperationNode): readonly OperationNode[] {
  return list.kind === 'ValueListNode' ? (list as ValueListNode).values : [list]
}

function tupleOf(node: OperationNode): readonly OperationNode[] | undefined {
  if (node.kind === 'ParensNode') return tupleOf((node as ParensNode).node)
  return node.kind === 'TupleNode' ? (node as TupleNode).values : undefined
}
