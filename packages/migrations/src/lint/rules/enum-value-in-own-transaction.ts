import { nodesIn } from '../parse-node.ts'
import type { Rule } from '../rule.ts'
import { shown } from '../table-name.ts'

/** Finds uses of an enum value that is not committed yet. */
export const enumValueInOwnTransaction: Rule = {
  id: 'enum-value-in-own-transaction',
  severity: 'error',
  why: 'PostgreSQL refuses to use a new value of an enum before the transaction that added it has committed.',
  lock: null,
  rewrite: 'Add the value in a revision of its own, before the one that uses it',
  *check({ transaction, node }, { known }) {
    if (transaction === undefined || node.AlterEnumStmt !== undefined) return
    for (const { type, value, transaction: added } of known.addedValues) {
      if (added !== transaction) continue
      for (const { A_Const: constant } of nodesIn(node)) {
        if (constant?.sval?.sval !== value) continue
        yield {
          message: `'${value}' was added to ${shown(type)} in this same transaction`,
          at: (constant as { location?: number }).location,
        }
        break
      }
    }
  },
}
