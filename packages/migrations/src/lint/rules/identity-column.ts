import { alterationsOfOld, type Rule } from '../rule.ts'
import { quoted, shown } from '../table-name.ts'

/** Finds columns that number every row of a table in use. */
export const identityColumn: Rule = {
  id: 'identity-column',
  severity: 'error',
  growsWithRows: true,
  why: 'Every row gets a number, so the whole table is written anew while nobody else can use it.',
  lock: 'ACCESS EXCLUSIVE on the table for the whole rewrite: reads and writes wait',
  rewrite:
    'ADD COLUMN nullable; number old rows in batches from a sequence that is also its default; make it NOT NULL by a validated CHECK; then ADD GENERATED ... AS IDENTITY',
  *check(statement, context) {
    for (const { table, added } of alterationsOfOld(statement, context)) {
      if (added?.identity !== true) continue
      const { name, location } = added
      yield {
        message: `numbering every row in ${quoted(name)} rewrites ${shown(table)}`,
        at: location,
        table,
      }
    }
  },
}
