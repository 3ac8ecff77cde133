import { isStrong, locksOf } from '../lock.ts'
import type { Rule } from '../rule.ts'
import { shown } from '../table-name.ts'

/** Finds the first strong lock that is waited for without a limit. */
export const lockTimeoutMissing: Rule = {
  id: 'lock-timeout-missing',
  severity: 'warning',
  why: 'While it waits behind one long query for its lock, everybody who comes later waits behind it: an outage as long as that query.',
  lock: 'the one that it waits for',
  rewrite:
    "SET lock_timeout = '2s' before it, and try again when it fails. `aquifer upgrade` does so",
  *check({ node, transaction }, { limits, known, first }) {
    const lock = locksOf(node, known).find(({ mode }) => isStrong(mode))
    if (lock === undefined || limits.isSet('lock_timeout', transaction)) return
    if (first('lock_timeout')) {
      yield { message: `nothing limits how long it waits for its lock on ${shown(lock.table)}` }
    }
  },
}
