import { hasOption } from '../lock.ts'
import type { Rule } from '../rule.ts'
import { shown, tableOf } from '../table-name.ts'

/** Finds indexes that are rebuilt while writes wait. */
export const reindexNotConcurrent: Rule = {
  id: 'reindex-not-concurrent',
  severity: 'error',
  growsWithRows: true,
  why: 'Writes wait until the index is rebuilt, and so does every query that would use it, or only plans to.',
  lock: 'SHARE on the table, ACCESS EXCLUSIVE on the index: writes wait, and most reads',
  rewrite: 'REINDEX ... CONCURRENTLY, outside a transaction',
  *check({ node }, { known }) {
    const reindex = node.ReindexStmt
    if (reindex === undefined || hasOption(reindex.params, 'concurrently')) return
    const name = tableOf(reindex.relation)
    if (known.isNew(name) || known.index(name)?.isNew === true) return
    const what = name === undefined ? 'the database' : shown(name)
    const table = reindex.kind === 'REINDEX_OBJECT_TABLE' ? name : undefined
    yield { message: `rebuilding the indexes of ${what} stops writes`, table }
  },
}
