import { type AnyNode, asAny, constantOf, namesIn, nodesIn } from './parse-node.ts'
import { type TableName, tableOf } from './table-name.ts'

/** A write whose number of rows nothing bounds. */
export interface BulkWrite {
  readonly table: TableName
  readonly kind: 'UPDATE' | 'DELETE' | 'INSERT' | 'MERGE'
}

/** The write that a statement does to any number of rows; undefined if it does none, or a bounded one. */
export function bulkWriteOf({
  UpdateStmt,
  DeleteStmt,
  InsertStmt,
  MergeStmt,
}: AnyNode): BulkWrite | undefined {
  const write = (range: Parameters<typeof tableOf>[0], kind: BulkWrite['kind']) => {
    const table = tableOf(range)
    return table && { table, kind }
  }
  if (UpdateStmt && !isBounded(UpdateStmt)) return write(UpdateStmt.relation, 'UPDATE')
  if (DeleteStmt && !isBounded(DeleteStmt)) return write(DeleteStmt.relation, 'DELETE')
  if (MergeStmt && !hasLimit(MergeStmt)) return write(MergeStmt.relation, 'MERGE')
  const select = asAny(InsertStmt?.selectStmt).SelectStmt
  const reads = select?.fromClause !== undefined && !hasLimit(select)
  return InsertStmt && reads ? write(InsertStmt.relation, 'INSERT') : undefined
}

/** Whether a limit, a range of keys or single keys choose the rows. */
function isBounded(write: { readonly whereClause?: unknown }): boolean {
  if (hasLimit(write)) return true
  const conditions = conjuncts(write.whereClause)
  return conditions.some(isSingle) || isRange(conditions)
}

function hasLimit(root: unknown): boolean {
  return [...nodesIn(root)].some(
    (node) => (node as { limitCount?: unknown }).limitCount !== undefined,
  )
}

/** The conditions that all hold. */
function conjuncts(expression: unknown): AnyNode[] {
  const node = (expression ?? {}) as AnyNode
  return node.BoolExpr?.boolop === 'AND_EXPR'
    ? (node.BoolExpr.args ?? []).flatMap(conjuncts)
    : [node]
}

const KEY = /^(ctid|(.*_)?(id|uuid|key))$/i

/** `id = 7`, `id in (1, 2)`, `id between 1 and 1000` */
function isSingle({ A_Expr: comparison }: AnyNode): boolean {
  const column = namesIn(asAny(comparison?.lexpr).ColumnRef?.fields).at(-1)
  if (comparison === undefined || column === undefined) return false
  if (comparison.kind === 'AEXPR_BETWEEN') return true
  if (!KEY.test(column)) return false
  const right = asAny(comparison.rexpr)
  const given =
    constantOf(comparison.rexpr) !== undefined ||
    right.ParamRef !== undefined ||
    right.List !== undefined ||
    right.A_ArrayExpr !== undefined
  return given && namesIn(comparison.name)[0] === '='
}

/** `id > 1000 and id <= 2000` */
function isRange(conditions: readonly AnyNode[]): boolean {
  const above = new Set<string>()
  const below = new Set<string>()
  for (const { A_Expr: comparison } of conditions) {
    const column = namesIn(asAny(comparison?.lexpr).ColumnRef?.fields).at(-1)
    const operator = namesIn(comparison?.name)[0] ?? ''
    if (column === undefined) continue
    if (operator.startsWith('>')) above.add(column)
    if (operator === '<' || operator === '<=') below.add(column)
  }
  return [...above].some((column) => below.has(column))
}
