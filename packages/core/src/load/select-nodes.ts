import {
  AggregateFunctionNode,
  AliasNode,
  AndNode,
  BinaryOperationNode,
  CastNode,
  ColumnNode,
  DataTypeNode,
  FromNode,
  FunctionNode,
  GroupByItemNode,
  GroupByNode,
  IdentifierNode,
  type JoinNode,
  LimitNode,
  type OperationNode,
  OperatorNode,
  OrderByItemNode,
  OrderByNode,
  RawNode,
  ReferenceNode,
  SelectionNode,
  type SelectQueryNode,
  TableNode,
  TupleNode,
  UnaryOperationNode,
  ValueNode,
  WhereNode,
} from 'kysely'

/** How rows are put in order by one expression. */
export interface Order {
  readonly by: OperationNode
  readonly direction: 'asc' | 'desc'
  readonly nulls?: 'first' | 'last' | undefined
}

/** The clauses of a select; those that are empty are left out. */
export interface SelectClauses {
  readonly from: OperationNode
  readonly joins?: readonly JoinNode[]
  readonly where?: readonly OperationNode[]
  readonly select: readonly OperationNode[]
  readonly groupBy?: readonly OperationNode[]
  readonly orderBy?: readonly Order[]
  readonly limit?: number | undefined
}

/** A select of these clauses. */
export function selectOf(clauses: SelectClauses): SelectQueryNode {
  const { from, joins = [], where = [], select, groupBy = [], orderBy = [], limit } = clauses
  return Object.freeze({
    kind: 'SelectQueryNode' as const,
    from: FromNode.create([from]),
    selections: select.map(selection),
    ...(joins.length > 0 && { joins }),
    ...(where.length > 0 && { where: WhereNode.create(allOf(where)) }),
    ...(groupBy.length > 0 && {
      groupBy: GroupByNode.create(groupBy.map((item) => GroupByItemNode.create(item))),
    }),
    ...(orderBy.length > 0 && { orderBy: OrderByNode.create(orderBy.map(orderItem)) }),
    ...(limit !== undefined && { limit: LimitNode.create(literal(limit)) }),
  })
}

export function selection(node: OperationNode): SelectionNode {
  return SelectionNode.create(node as Parameters<typeof SelectionNode.create>[0])
}

/** A column of what stands in the query under this name. */
export function columnOf(table: string, column: string): OperationNode {
  return ReferenceNode.create(ColumnNode.create(column), TableNode.create(table))
}

/** All columns of what stands in the query under this name. */
export function everyColumnOf(table: string): OperationNode {
  return ReferenceNode.createSelectAll(TableNode.create(table))
}

export function tableNamed(name: string, alias: string): OperationNode {
  return named(TableNode.create(name), alias)
}

export function named(node: OperationNode, alias: string): OperationNode {
  return AliasNode.create(node, IdentifierNode.create(alias))
}

/** The expression without the name that it is selected under. */
export function unnamed(node: OperationNode): OperationNode {
  return AliasNode.is(node) ? node.node : node
}

/** Another expression under the name of the first, if that has one. */
export function renamed(node: OperationNode, other: OperationNode): OperationNode {
  return AliasNode.is(node) ? AliasNode.create(other, node.alias) : other
}

export function call(name: string, ...parameters: readonly OperationNode[]): OperationNode {
  return FunctionNode.create(name, parameters)
}

export function aggregate(name: string, over: OperationNode | undefined): OperationNode {
  return AggregateFunctionNode.create(name, [over ?? literal(1)])
}

export function cast(node: OperationNode, type: string): OperationNode {
  return CastNode.create(node, DataTypeNode.create(type as 'text'))
}

export function literal(value: number | boolean | string): OperationNode {
  return ValueNode.createImmediate(value)
}

function equal(left: OperationNode, right: OperationNode): OperationNode {
  return compare(left, '=', right)
}

export function compare(
  left: OperationNode,
  operator: '=' | 'in' | 'is not',
  right: OperationNode,
): OperationNode {
  return BinaryOperationNode.create(left, OperatorNode.create(operator), right)
}

/** Each of these columns is equal to the one at its place among the others. */
export function allEqual(
  some: readonly OperationNode[],
  others: readonly OperationNode[],
): OperationNode {
  return allOf(some.map((one, at) => equal(one, others[at] as OperationNode)))
}

function allOf([first, ...rest]: readonly OperationNode[]): OperationNode {
  return rest.reduce((all, one) => AndNode.create(all, one), first ?? literal(true))
}

export function unary(operator: 'exists' | 'not exists', operand: OperationNode): OperationNode {
  return UnaryOperationNode.create(OperatorNode.create(operator), operand)
}

/** One column, or a row of several. */
export function tupleOf(columns: readonly OperationNode[]): OperationNode {
  return columns.length === 1 ? (columns[0] as OperationNode) : TupleNode.create(columns)
}

function orderItem({ by, direction, nulls }: Order): OrderByItemNode {
  const item = OrderByItemNode.create(
    by,
    direction === 'desc' ? RawNode.createWithSql('desc') : undefined,
  )
  return nulls === undefined ? item : OrderByItemNode.cloneWith(item, { nulls })
}
