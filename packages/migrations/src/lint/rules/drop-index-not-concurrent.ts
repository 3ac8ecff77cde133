import type { Rule } from '../rule.ts'
import { shown, tableOfList } from '../table-name.ts'

/** Finds indexes that are dropped under a lock against everybody. */
export const dropIndexNotConcurrent: Rule = {
  id: 'drop-index-not-concurrent',
  severity: 'error',
  why: 'It waits for every transaction that uses the table, and whoever comes after it waits in the same queue, readers too.',
  lock: 'ACCESS EXCLUSIVE on the table of the index: reads and writes wait',
  rewrite: 'DROP INDEX CONCURRENTLY, in a revision with `transaction: false`',
  *check({ node }, { known }) {
    const drop = node.DropStmt
    if (drop?.removeType !== 'OBJECT_INDEX' || drop.concurrent === true) return
    for (const object of drop.objects ?? []) {
      const name = tableOfList(object)
      if (name === undefined || known.index(name)?.isNew === true) continue
      yield { message: `dropping index ${shown(name)} locks its table against everybody` }
    }
  },
}
