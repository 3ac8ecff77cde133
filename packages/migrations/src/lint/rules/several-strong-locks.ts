import { isStrong, locksOf } from '../lock.ts'
import type { Rule } from '../rule.ts'
import { shown } from '../table-name.ts'

/** Finds transactions that lock one table while they wait for another. */
export const severalStrongLocks: Rule = {
  id: 'several-strong-locks',
  severity: 'warning',
  upOnly: true,
  why: 'The first table stays locked while the second is waited for and worked on, and a transaction that takes the two in the other order makes a deadlock.',
  lock: 'one on each of the tables until the end of the transaction',
  rewrite: 'One revision for each table',
  *check({ node, transaction }, { known, held, change, position }) {
    if (transaction === undefined) return
    const strong = held.filter(({ mode }) => isStrong(mode))
    const before = new Map(strong.map((lock) => [known.key(lock.table), lock]))
    const [first] = before.values()
    if (first === undefined) return
    const own = locksOf(node, known)
    const added = own.find(({ table, mode }) => isStrong(mode) && !before.has(known.key(table)))
    if (added === undefined) return
    yield {
      message: `it locks ${shown(added.table)} while ${shown(first.table)} is locked`,
      // All of them are over in no time, and nobody waits for long: a deadlock is left, which is tried again.
      ...(change.byRunner && isBrief() && { severity: 'notice' as const }),
    }

    function isBrief(): boolean {
      const later = change.statements
        .slice(position + 1)
        .filter((each) => each.transaction === transaction)
        .flatMap((each) => locksOf(each.node, known))
      return ![...held, ...own, ...later].some(({ slow }) => slow)
    }
  },
}
