import { bulkWriteOf } from '../bulk-write.ts'
import type { Rule } from '../rule.ts'
import { shown } from '../table-name.ts'

/** Finds writes that may touch every row at once. */
export const backfillUnbatched: Rule = {
  id: 'backfill-unbatched',
  severity: 'error',
  growsWithRows: true,
  why: 'Every row that it has touched stays locked until it is done, replicas fall behind, and a failure at the end throws all of it away.',
  lock: 'ROW EXCLUSIVE on the table, and every touched row until the end: who writes one of them waits',
  rewrite:
    'Batches of a few thousand rows by key, each in a transaction of its own: WHERE id > $1 AND id <= $2, or WHERE id IN (SELECT ... LIMIT 1000)',
  *check({ node }, { known }) {
    const write = bulkWriteOf(node)
    if (write === undefined || write.kind === 'INSERT' || known.isNew(write.table)) return
    yield {
      message: `this ${write.kind} may touch every row of ${shown(write.table)} at once`,
      table: write.table,
    }
  },
}
