import { alterationsOfOld, type Rule } from '../rule.ts'
import { quoted, shown } from '../table-name.ts'

/** Finds stored values that have to be computed for every row. */
export const generatedColumn: Rule = {
  id: 'generated-column',
  severity: 'error',
  growsWithRows: true,
  why: 'A stored generated column is computed for every row, so the whole table is written anew while nobody else can use it.',
  lock: 'ACCESS EXCLUSIVE on the table for the whole rewrite: reads and writes wait',
  rewrite:
    'A plain column that a trigger keeps, filled in batches; or an index on the expression; or, on PostgreSQL 18, VIRTUAL',
  *check(statement, context) {
    for (const { table, kind, added, target } of alterationsOfOld(statement, context)) {
      const changed = kind === 'AT_SetExpression'
      if (!changed && added?.generated !== 'stored') continue
      yield {
        message: `the stored value of ${quoted(added?.name ?? target)} is computed for every row: ${shown(table)} is rewritten`,
        at: added?.location,
        table,
      }
    }
  },
}
