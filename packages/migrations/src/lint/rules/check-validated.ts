import { alterationsOfOld, type Rule } from '../rule.ts'
import { shown } from '../table-name.ts'

/** Finds CHECK constraints that are tried on every row as they are added. */
export const checkValidated: Rule = {
  id: 'check-validated',
  severity: 'error',
  growsWithRows: true,
  why: 'Every row is read and checked while nobody else can use the table.',
  lock: 'ACCESS EXCLUSIVE on the table for the whole check: reads and writes wait',
  rewrite:
    'ADD CONSTRAINT ... CHECK (...) NOT VALID, and in a later transaction VALIDATE CONSTRAINT, which lets reads and writes through',
  *check(statement, context) {
    for (const { table, kind, constraint, added } of alterationsOfOld(statement, context)) {
      const own =
        kind === 'AT_AddConstraint' && constraint?.contype === 'CONSTR_CHECK' ? [constraint] : []
      for (const check of [...(added?.checks ?? []), ...own]) {
        if (check.skip_validation === true || check.is_enforced !== true) continue
        yield {
          message: `checking every row locks ${shown(table)} against everybody`,
          at: check.location,
          table,
        }
      }
    }
  },
}
