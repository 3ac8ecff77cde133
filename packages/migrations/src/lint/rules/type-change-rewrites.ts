import { type ColumnType, columnTypeOf, shownType } from '../column-type.ts'
import { alterationsOfOld, type Rule } from '../rule.ts'
import { quoted, shown } from '../table-name.ts'
import { isWidening, parseType } from '../type-change.ts'

/** Finds changes of a type that may write the table anew. */
export const typeChangeRewrites: Rule = {
  id: 'type-change-rewrites',
  severity: 'error',
  growsWithRows: true,
  why: 'Unless PostgreSQL can keep the stored values as they are, the whole table and its indexes are written anew while nobody else can use it, and the running application meets a type that it does not expect.',
  lock: 'ACCESS EXCLUSIVE on the table for the whole rewrite: reads and writes wait',
  rewrite:
    'Add a column of the new type, keep it by a trigger, fill it in batches, and move readers and writers over before the old one goes. varchar and numeric may grow in place, and varchar may become text',
  *check(statement, context) {
    const { known, columnType } = context
    for (const { table, kind, target, column } of alterationsOfOld(statement, context)) {
      const after = columnTypeOf(column?.typeName)
      if (kind !== 'AT_AlterColumnType' || after === undefined) continue
      const told = columnType(table, target)
      const before =
        known.table(table)?.columns.get(target)?.type ?? (told ? parseType(told) : undefined)
      // An expression computes each value, unless it is the column as it was.
      const computed = column?.raw_default !== undefined && !('ColumnRef' in column.raw_default)
      if (!computed && before !== undefined && isWidening(before, after)) continue
      yield {
        message: sentence(shown(table), quoted(target), before, after),
        at: column?.location,
        table,
      }
    }
  },
}

function sentence(
  table: string,
  column: string,
  before: ColumnType | undefined,
  after: ColumnType,
): string {
  const change = `changing ${column} ${before === undefined ? '' : `from ${shownType(before)} `}to ${shownType(after)}`
  return before === undefined
    ? `${change} rewrites ${table}, unless it only widens what the type is now`
    : `${change} rewrites ${table}`
}
