import type {
  AliasNode,
  ColumnNode,
  CommonTableExpressionNode,
  IdentifierNode,
  OperationNode,
  ReferenceNode,
  SelectQueryNode,
  TableNode,
  ValueNode,
} from 'kysely'
import type { Model } from '../model/model.ts'
import { FEW } from './hand-level.ts'
import { isSingular, isStable } from './volatility.ts'

/** The names that a query's tables, subqueries and functions stand under; undefined for one without. */
export function sourceNames({ from, joins = [] }: SelectQueryNode): (string | undefined)[] {
  return [...(from?.froms ?? []), ...joins.map(({ table }) => table)].map(nameOf)
}

function nameOf(node: OperationNode): string | undefined {
  if (node.kind === 'TableNode') return (node as TableNode).table.identifier.name
  if (node.kind !== 'AliasNode') return undefined
  const { alias } = node as AliasNode
  return alias.kind === 'IdentifierNode' ? (alias as IdentifierNode).name : undefined
}

/** The names of a query's CTEs. */
export function cteNames(query: SelectQueryNode): string[] {
  return (query.with?.expressions ?? []).map(({ name }) => name.table.table.identifier.name)
}

/** Whether columns cannot be added to its select list without changing its rows. */
export function isClosed(query: SelectQueryNode): boolean {
  const { groupBy, having, setOperations = [], frontModifiers = [], selections = [] } = query
  if (groupBy !== undefined || having !== undefined || setOperations.length > 0) return true
  if (frontModifiers.length > 0) return true
  return selections.some(({ selection }) => hasAggregate(selection))
}

function hasAggregate(node: unknown): boolean {
  if (Array.isArray(node)) return node.some(hasAggregate)
  if (typeof node !== 'object' || node === null || !('kind' in node)) return false
  if (node.kind === 'SelectQueryNode') return false
  if (node.kind === 'AggregateFunctionNode' && !('over' in node && node.over !== undefined))
    return true
  return Object.values(node).some(hasAggregate)
}

/** Whether it has few rows, by its limit or by the key that it asks for. */
export function isFew(query: SelectQueryNode, { primaryKey }: Model, alias: string): boolean {
  const limit = query.limit?.limit as ValueNode | undefined
  if (limit?.kind === 'ValueNode' && Number(limit.value) <= FEW) return true
  if (primaryKey.length === 0 || query.where === undefined) return false
  const fixed = new Set(fixedColumns(query.where.where, alias))
  return primaryKey.every((column) => fixed.has(column))
}

/** Columns that the condition compares with one value. */
function fixedColumns(condition: OperationNode, alias: string): string[] {
  if (condition.kind === 'ParensNode')
    return fixedColumns((condition as unknown as { node: OperationNode }).node, alias)
  const sides = condition as unknown as { left: OperationNode; right: OperationNode }
  if (condition.kind === 'AndNode')
    return [...fixedColumns(sides.left, alias), ...fixedColumns(sides.right, alias)]
  if (condition.kind !== 'BinaryOperationNode') return []
  const { leftOperand, operator, rightOperand } = condition as unknown as {
    leftOperand: OperationNode
    operator: { operator?: string }
    rightOperand: OperationNode
  }
  if (operator.operator !== '=' || rightOperand.kind !== 'ValueNode') return []
  const column = columnIn(leftOperand, alias)
  return column === undefined ? [] : [column]
}

/** The column of the source that a node refers to. */
function columnIn(node: OperationNode, alias: string): string | undefined {
  if (node.kind !== 'ReferenceNode') return undefined
  const { column, table } = node as ReferenceNode
  if (column.kind !== 'ColumnNode') return undefined
  if (table !== undefined && table.table.identifier.name !== alias) return undefined
  return (column as ColumnNode).column.name
}

/**
 * Why a second statement may find other rows by the same query than it gave itself; undefined if it cannot.
 *
 * @param alias the source whose rows it is about
 */
export function unrepeatable(
  query: SelectQueryNode,
  model: Model,
  alias: string,
): string | undefined {
  const { from, joins = [], where, limit, offset, orderBy, selections = [], distinctOn } = query
  if (isClosed(query)) return 'the query groups, combines or merges its rows'
  if ((query.endModifiers ?? []).length > 0) return 'the query locks its rows'
  if (query.fetch !== undefined || query.top !== undefined || distinctOn !== undefined)
    return 'the query picks some of its rows'
  if (!(query.with?.expressions ?? []).every(isReading)) return 'a CTE of the query writes'
  const parts = [from, ...joins, where, orderBy, limit, offset, query.with]
  if (!parts.every((part) => part === undefined || isStable(part)))
    return 'the query calls a function that may give something else the next time'
  if (limit === undefined && offset === undefined) return undefined
  const ordered = new Set(orderColumns(query, alias))
  const { primaryKey } = model
  if (primaryKey.length === 0 || !primaryKey.every((column) => ordered.has(column)))
    return 'the query has a limit without an order by the primary key'
  if (namesItsColumns(query))
    return 'the query has a limit, and is in the order of a column that it names itself'
  return selections.every(({ selection }) => isSingular(selection))
    ? undefined
    : 'the query has a limit, and makes several rows of one'
}

function isReading({ expression }: CommonTableExpressionNode): boolean {
  return expression.kind === 'SelectQueryNode'
}

function orderColumns({ orderBy }: SelectQueryNode, alias: string): string[] {
  return (orderBy?.items ?? []).flatMap((item) => columnIn(item.orderBy, alias) ?? [])
}

/** Whether the order may go by a name of the select list, which the select of the keys does not have. */
function namesItsColumns({ orderBy, selections = [] }: SelectQueryNode): boolean {
  const own = new Set(selections.flatMap(({ selection }) => aliasOf(selection) ?? []))
  return (orderBy?.items ?? []).some(({ orderBy: by }) => {
    if (by.kind === 'RawNode') return own.size > 0
    const name = by.kind === 'ReferenceNode' ? bareName(by as ReferenceNode) : undefined
    return name !== undefined && own.has(name)
  })
}

function aliasOf(selection: OperationNode): string | undefined {
  return selection.kind === 'AliasNode' ? nameOf(selection) : undefined
}

function bareName({ table, column }: ReferenceNode): string | undefined {
  if (table !== undefined || column.kind !== 'ColumnNode') return undefined
  return (column as ColumnNode).column.name
}

/** The names of a query's columns; undefined for those of which it is not known. */
export function outputNames({ selections = [] }: SelectQueryNode): (string | undefined)[] {
  return selections.map(({ selection }) => {
    if (selection.kind === 'AliasNode') return aliasOf(selection)
    if (selection.kind !== 'ReferenceNode') return undefined
    const { column } = selection as ReferenceNode
    return column.kind === 'ColumnNode' ? (column as ColumnNode).column.name : undefined
  })
}

/** Whether a selection stands for all columns, of everything or of one source. */
export function isStar(selection: OperationNode): boolean {
  if (selection.kind === 'SelectAllNode') return true
  return (
    selection.kind === 'ReferenceNode' &&
    (selection as ReferenceNode).column.kind === 'SelectAllNode'
  )
}
