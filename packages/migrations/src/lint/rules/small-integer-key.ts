import { type ColumnType, serialType, shownType } from '../column-type.ts'
import { asAny, namesIn } from '../parse-node.ts'
import type { Rule } from '../rule.ts'
import type { Statement } from '../statement.ts'
import { quoted, tableOf } from '../table-name.ts'

/** Finds keys that will run out of numbers. */
export const smallIntegerKey: Rule = {
  id: 'small-integer-key',
  severity: 'warning',
  why: 'After 2147483647 rows (32767 for smallint), deleted ones included, no insert succeeds any more; to widen the key rewrites the table and everything that refers to it.',
  lock: null,
  rewrite: 'bigint GENERATED ALWAYS AS IDENTITY, or uuid',
  *check(statement, context) {
    const keys = keysOf(statement)
    for (const { column } of statement.declarations) {
      const { name, type, primary, identity, serial, location } = column
      if (!isSmall(type) || !(primary || identity || serial || keys.includes(name))) continue
      yield {
        message: `the key ${quoted(name)} is ${type === undefined ? 'small' : shownType(type)} and will run out`,
        at: location,
      }
    }
    const table = context.known.table(tableOf(statement.node.AlterTableStmt?.relation))
    for (const { kind, constraint } of statement.alterations) {
      const [key, ...more] = namesIn(constraint?.keys)
      if (kind !== 'AT_AddConstraint' || constraint?.contype !== 'CONSTR_PRIMARY') continue
      const type = key === undefined ? undefined : table?.columns.get(key)?.type
      if (key === undefined || more.length > 0 || !isSmall(type) || type === undefined) continue
      yield {
        message: `the key ${quoted(key)} is ${shownType(type)} and will run out`,
        at: constraint.location,
      }
    }
  },
}

/** The column of a PRIMARY KEY that is declared apart; several share the numbers between them. */
function keysOf({ node }: Statement): string[] {
  return (node.CreateStmt?.tableElts ?? []).flatMap((element) => {
    const constraint = asAny(element).Constraint
    const keys = constraint?.contype === 'CONSTR_PRIMARY' ? namesIn(constraint.keys) : []
    return keys.length === 1 ? keys : []
  })
}

function isSmall(type: ColumnType | undefined): boolean {
  const name = serialType(type) ?? type?.name
  return (name === 'int4' || name === 'int2') && type?.array === false
}
