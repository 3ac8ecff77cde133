import { bulkWriteOf } from '../bulk-write.ts'
import { isStrong, locksOf } from '../lock.ts'
import type { Rule } from '../rule.ts'
import { shown } from '../table-name.ts'

/** Finds rows that are changed under the lock of a schema change. */
export const backfillWithDdl: Rule = {
  id: 'backfill-with-ddl',
  severity: 'error',
  growsWithRows: true,
  why: 'The lock of the schema change is held until the end of the transaction, so for as long as the rows take.',
  lock: 'that of the schema change, for as long as the rows take: reads and writes wait',
  rewrite:
    'The schema change in one revision, the rows in the next, in batches outside a transaction',
  *check(statement, { change, position, known, held }) {
    const { transaction, node } = statement
    const write = bulkWriteOf(node)
    if (write === undefined || transaction === undefined) return
    const later = change.statements
      .slice(position + 1)
      .filter((each) => each.transaction === transaction)
      .flatMap((each) => locksOf(each.node, known))
    const lock = [...held, ...later].find(({ mode }) => isStrong(mode))
    if (lock === undefined) return
    yield {
      message: `this ${write.kind} runs in one transaction with a change of ${shown(lock.table)}`,
      table: write.table,
    }
  },
}
