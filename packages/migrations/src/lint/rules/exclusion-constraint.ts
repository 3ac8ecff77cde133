import { alterationsOfOld, type Rule } from '../rule.ts'
import { shown } from '../table-name.ts'

/** Finds EXCLUDE constraints on tables in use. */
export const exclusionConstraint: Rule = {
  id: 'exclusion-constraint',
  severity: 'error',
  growsWithRows: true,
  why: 'Its index is built, and every row compared, while nobody else can use the table; there is no way to do it beside the traffic.',
  lock: 'ACCESS EXCLUSIVE on the table for the whole build: reads and writes wait',
  rewrite:
    'Declare it when the table is created. For a table in use: a new table with the constraint, filled in batches, that takes its place; or a window in which nobody uses it',
  *check(statement, context) {
    for (const { table, kind, constraint } of alterationsOfOld(statement, context)) {
      if (kind !== 'AT_AddConstraint' || constraint?.contype !== 'CONSTR_EXCLUSION') continue
      yield {
        message: `building this EXCLUDE constraint locks ${shown(table)} against everybody`,
        at: constraint.location,
        table,
      }
    }
  },
}
