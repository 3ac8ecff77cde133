import type {
  AndNode,
  BinaryOperationNode,
  ColumnNode,
  OperationNode,
  OperatorNode,
  ParensNode,
  ReferenceNode,
  SelectQueryNode,
  ValueNode,
} from 'kysely'
import type { Model } from '../model/model.ts'
import { type ModelsByName, type Source, sourcesOf } from '../rewrite/sources.ts'

/** A condition `column = value`. */
interface Equality extends BinaryOperationNode {
  readonly leftOperand: ReferenceNode
  readonly rightOperand: ValueNode
}

/** A select that finds its rows by the value of one column. */
export interface Lookup {
  readonly sources: readonly Source[]
  /** The model of the column. */
  readonly model: Model
  /** The column's name in TypeScript. */
  readonly column: string
  /** Which of the equalities it is. */
  readonly at: number
}

const NO_CTES: ReadonlySet<string> = new Set()

/** The first column that a select compares with a value, among conditions that all have to hold; undefined if there is none. */
export function lookupOf(query: OperationNode, models: ModelsByName): Lookup | undefined {
  if (query.kind !== 'SelectQueryNode') return undefined
  const sources = sourcesOf(query, models, NO_CTES)
  for (const [at, { leftOperand }] of equalitiesOf(query as SelectQueryNode).entries()) {
    const name = (leftOperand.column as ColumnNode).column.name
    const model = modelOf(leftOperand.table?.table.identifier.name, sources)
    if (model !== undefined && name in model.columns) return { sources, model, column: name, at }
  }
  return undefined
}

/** The condition that makes a query a lookup; the value differs from query to query of one shape. */
export function conditionOf(query: OperationNode, { at }: Lookup): Equality {
  return equalitiesOf(query as SelectQueryNode)[at] as Equality
}

function equalitiesOf({ where }: SelectQueryNode): Equality[] {
  return conditionsOf(where?.where).filter(isEquality)
}

function conditionsOf(node: OperationNode | undefined): readonly OperationNode[] {
  if (node === undefined) return []
  if (node.kind === 'ParensNode') return conditionsOf((node as ParensNode).node)
  if (node.kind !== 'AndNode') return [node]
  const { left, right } = node as AndNode
  return [...conditionsOf(left), ...conditionsOf(right)]
}

function isEquality(node: OperationNode): node is Equality {
  if (node.kind !== 'BinaryOperationNode') return false
  const { leftOperand, operator, rightOperand } = node as BinaryOperationNode
  return (
    leftOperand.kind === 'ReferenceNode' &&
    (leftOperand as ReferenceNode).column.kind === 'ColumnNode' &&
    (operator as OperatorNode).operator === '=' &&
    rightOperand.kind === 'ValueNode'
  )
}

/** The model of a column by what qualifies it; nothing does where there is one table only. */
function modelOf(qualifier: string | undefined, sources: readonly Source[]): Model | undefined {
  if (qualifier === undefined) return sources.length === 1 ? sources[0]?.model : undefined
  return sources.find(({ name }) => name === qualifier)?.model
}
