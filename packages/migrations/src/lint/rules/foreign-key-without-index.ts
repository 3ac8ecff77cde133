import type { Constraint } from 'libpg-query'
import { declaredColumn } from '../added-column.ts'
import { constrainedColumns, indexedColumns } from '../constraint.ts'
import { asAny, namesIn, nodesIn } from '../parse-node.ts'
import type { Context, Rule } from '../rule.ts'
import type { Statement } from '../statement.ts'
import { quoted, shown, type TableName, tableOf } from '../table-name.ts'

/** Finds new foreign keys that no index supports. */
export const foreignKeyWithoutIndex: Rule = {
  id: 'foreign-key-without-index',
  severity: 'warning',
  upOnly: true,
  why: 'Each DELETE in the other table, and each change of a key there, reads this whole table to find who refers to it.',
  lock: null,
  rewrite:
    'An index whose first columns are those of the foreign key; CONCURRENTLY if the table is in use',
  *check(statement, context) {
    for (const { table, columns, constraint } of foreignKeysOf(statement)) {
      const known = context.known.table(table)
      const declared = columnsOf(statement)
      // Whether an older column has an index is not known here.
      if (!columns.every((name) => declared.has(name) || known?.columns.get(name)?.isNew)) continue
      if (context.statementsOn(table.name).some((each) => covers(each, table, columns, context)))
        continue
      yield {
        message: `no index of ${shown(table)} begins with ${columns.map(quoted).join(', ')}`,
        at: constraint.location,
      }
    }
  },
}

interface ForeignKey {
  readonly table: TableName
  readonly columns: readonly string[]
  readonly constraint: Constraint
}

function* foreignKeysOf(statement: Statement): Generator<ForeignKey> {
  for (const [table, definition] of partsOf(statement)) {
    const { ColumnDef, Constraint } = asAny(definition)
    const own = ColumnDef && declaredColumn(ColumnDef)
    if (own?.references !== undefined) {
      yield { table, columns: [own.name], constraint: own.references }
    }
    if (Constraint?.contype === 'CONSTR_FOREIGN') {
      yield { table, columns: constrainedColumns(Constraint), constraint: Constraint }
    }
  }
}

/** What a statement declares of a table: columns and constraints. */
function partsOf(statement: Statement): (readonly [TableName, Parameters<typeof asAny>[0]])[] {
  const create = statement.node.CreateStmt
  const created = tableOf(create?.relation)
  if (created !== undefined) return (create?.tableElts ?? []).map((each) => [created, each])
  return statement.alterations.map(({ table, command }) => [table, command.def])
}

function columnsOf(statement: Statement): ReadonlySet<string> {
  const names = partsOf(statement).flatMap(([, part]) => asAny(part).ColumnDef?.colname ?? [])
  return new Set(names)
}

/** Whether a statement makes an index that begins with the columns, in any order. */
function covers(
  statement: Statement,
  table: TableName,
  columns: readonly string[],
  { known }: Context,
): boolean {
  const begins = (list: readonly string[]) =>
    columns.every((name) => list.slice(0, columns.length).includes(name))
  const same = (other: TableName | undefined) =>
    other !== undefined && known.key(other) === known.key(table)

  const index = statement.node.IndexStmt
  if (index !== undefined) {
    return (
      same(tableOf(index.relation)) &&
      begins(indexedColumns(index.indexParams)) &&
      isWhole(index.whereClause, columns)
    )
  }
  return partsOf(statement).some(([owner, part]) => {
    const { ColumnDef, Constraint } = asAny(part)
    if (!same(owner)) return false
    const own = ColumnDef && declaredColumn(ColumnDef)
    if (own !== undefined && (own.primary || own.unique)) return begins([own.name])
    const unique =
      Constraint?.contype === 'CONSTR_PRIMARY' || Constraint?.contype === 'CONSTR_UNIQUE'
    return unique && begins(namesIn(Constraint.keys))
  })
}

/** Whether the rows that an index leaves out refer to nothing. */
function isWhole(predicate: unknown, columns: readonly string[]): boolean {
  if (predicate === undefined) return true
  const test = (predicate as ReturnType<typeof asAny>).NullTest
  const names = [...nodesIn(test?.arg)].flatMap(
    (node) => namesIn(node.ColumnRef?.fields).at(-1) ?? [],
  )
  return test?.nulltesttype === 'IS_NOT_NULL' && names.every((name) => columns.includes(name))
}
