import type { Rule } from '../rule.ts'
import { shown, tableOf } from '../table-name.ts'

/** Finds indexes that are built while writes wait. */
export const indexNotConcurrent: Rule = {
  id: 'index-not-concurrent',
  severity: 'error',
  growsWithRows: true,
  why: 'The table takes no writes until the whole index is built, which takes minutes on a large one.',
  lock: 'SHARE on the table for the whole build: writes wait',
  rewrite:
    'CREATE INDEX CONCURRENTLY, in a revision with `transaction: false`. If it fails it leaves an invalid index: drop that one before you try again.',
  *check({ node }, { known }) {
    const index = node.IndexStmt
    const table = tableOf(index?.relation)
    if (index === undefined || table === undefined || index.concurrent === true) return
    if (known.isNew(table)) return
    yield {
      message: `building this index stops all writes to ${shown(table)}`,
      table,
    }
  },
}
