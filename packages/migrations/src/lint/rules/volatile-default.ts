import { alterationsOfOld, type Rule } from '../rule.ts'
import { quoted, shown } from '../table-name.ts'

/** Finds new columns whose default is another for each row. */
export const volatileDefault: Rule = {
  id: 'volatile-default',
  severity: 'error',
  growsWithRows: true,
  why: 'Each row gets another value, so the whole table and all its indexes are written anew while nobody else can use it.',
  lock: 'ACCESS EXCLUSIVE on the table for the whole rewrite: reads and writes wait',
  rewrite:
    'ADD COLUMN without a default; ALTER COLUMN ... SET DEFAULT, for new rows; fill the old ones in batches',
  *check(statement, context) {
    for (const { table, added } of alterationsOfOld(statement, context)) {
      if (added === undefined) continue
      const { name, location, default: value, serial } = added
      if (value === undefined && !serial) continue
      if (value?.kind === 'same') continue
      const how =
        value === undefined
          ? 'a serial column draws a number'
          : value.kind === 'each'
            ? `${value.call}() gives another value`
            : `${value.call}() gives another value, unless it is marked STABLE or IMMUTABLE,`
      yield {
        message: `${how} for each row: adding ${quoted(name)} rewrites ${shown(table)}`,
        at: location,
        table,
      }
    }
  },
}
