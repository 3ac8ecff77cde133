import { isStrong, locksOf } from '../lock.ts'
import type { Rule } from '../rule.ts'
import { shown } from '../table-name.ts'

/** Finds the first strong lock that is held without a limit. */
export const statementTimeoutMissing: Rule = {
  id: 'statement-timeout-missing',
  severity: 'warning',
  why: 'If it takes longer than anybody thought, it holds its lock all that time, and nothing ends it.',
  lock: 'the one that it holds',
  rewrite: "SET statement_timeout = '60s' before it. `aquifer upgrade` does so",
  *check({ node, transaction }, { limits, known, first }) {
    const lock = locksOf(node, known).find(({ mode }) => isStrong(mode))
    if (lock === undefined || limits.isSet('statement_timeout', transaction)) return
    if (first('statement_timeout')) {
      yield { message: `nothing limits how long it holds its lock on ${shown(lock.table)}` }
    }
  },
}
