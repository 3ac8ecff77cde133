import { indexedColumns } from '../constraint.ts'
import { namesIn } from '../parse-node.ts'
import { alterationsOfOld, type Context, type Problem, type Rule } from '../rule.ts'
import { quoted, shown, type TableName, tableOf } from '../table-name.ts'

/** Finds unique indexes that equal rows would make fail. */
export const uniqueMayCollide: Rule = {
  id: 'unique-may-collide',
  severity: 'notice',
  why: 'If two rows are equal it fails, at the very end; built concurrently it leaves an invalid index that costs every write and has to be dropped.',
  lock: null,
  rewrite:
    'Look first: SELECT columns, count(*) FROM table GROUP BY columns HAVING count(*) > 1. Settle what it finds, and what keeps new ones from coming, before the index',
  *check(statement, context) {
    const index = statement.node.IndexStmt
    const table = tableOf(index?.relation)
    if (index?.unique === true && table !== undefined && !context.known.isNew(table)) {
      const strict = index.nulls_not_distinct === true
      yield* collision(table, indexedColumns(index.indexParams), context, strict)
    }
    for (const { table, constraint, added } of alterationsOfOld(statement, context)) {
      // One value for all rows: the rows are equal by declaration.
      if (added?.unique === true && added.default?.kind === 'same') {
        yield problem(table, [added.name])
      }
      if (constraint?.indexname !== undefined) continue
      if (constraint?.contype !== 'CONSTR_UNIQUE' && constraint?.contype !== 'CONSTR_PRIMARY')
        continue
      const strict =
        constraint.nulls_not_distinct === true || constraint.contype === 'CONSTR_PRIMARY'
      yield* collision(table, namesIn(constraint.keys), context, strict)
    }
  },
}

function* collision(
  table: TableName,
  columns: readonly string[],
  { known }: Context,
  nullsCollide: boolean,
): Generator<Problem> {
  const facts = columns.map((name) => known.table(table)?.columns.get(name)?.filled)
  const distinct = facts.some((filled) => filled === 'each' || (filled === 'null' && !nullsCollide))
  if (!distinct) yield problem(table, columns)
}

function problem(table: TableName, columns: readonly string[]): Problem {
  const what = columns.map((name) => (name === '' ? 'an expression' : quoted(name))).join(', ')
  return { message: `rows of ${shown(table)} may be equal in ${what}` }
}
