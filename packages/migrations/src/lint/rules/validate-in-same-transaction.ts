import { alterationsOfOld, type Rule } from '../rule.ts'
import { quoted, shown } from '../table-name.ts'

/** Finds constraints that are validated under the lock that added them. */
export const validateInSameTransaction: Rule = {
  id: 'validate-in-same-transaction',
  severity: 'error',
  growsWithRows: true,
  why: 'The strong lock under which the constraint was added is held until the end of the transaction, through the whole check: NOT VALID has won nothing.',
  lock: 'that of ADD CONSTRAINT, for as long as VALIDATE takes: writes wait, and for a CHECK reads too',
  rewrite: 'VALIDATE CONSTRAINT in a transaction of its own, as in the next revision',
  *check(statement, context) {
    if (statement.transaction === undefined) return
    for (const { table, kind, target } of alterationsOfOld(statement, context)) {
      if (kind !== 'AT_ValidateConstraint') continue
      const constraint = context.known.table(table)?.constraints.get(target)
      if (constraint?.isNew !== true || constraint.transaction !== statement.transaction) continue
      yield {
        message: `${quoted(target)} was added to ${shown(table)} in this same transaction`,
        table,
      }
    }
  },
}
