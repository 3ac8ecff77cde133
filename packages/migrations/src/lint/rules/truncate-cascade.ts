import { asAny } from '../parse-node.ts'
import type { Rule } from '../rule.ts'
import { shown, tableOf } from '../table-name.ts'

/** Finds tables that are emptied with all that refer to them. */
export const truncateCascade: Rule = {
  id: 'truncate-cascade',
  severity: 'error',
  why: 'It empties every table with a foreign key to this one too, and those with one to them, whatever they are.',
  lock: 'ACCESS EXCLUSIVE on all of these tables: reads and writes wait',
  rewrite:
    'Name the tables that are to be emptied in one TRUNCATE without CASCADE; or DELETE in batches',
  *check({ node }, { known }) {
    if (node.TruncateStmt?.behavior !== 'DROP_CASCADE') return
    for (const each of node.TruncateStmt.relations ?? []) {
      const table = tableOf(asAny(each).RangeVar)
      if (table === undefined || known.isNew(table)) continue
      yield { message: `every table that refers to ${shown(table)} is emptied with it` }
    }
  },
}
