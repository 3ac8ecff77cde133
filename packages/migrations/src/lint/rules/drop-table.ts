import type { Rule } from '../rule.ts'
import { shown, tableOfList } from '../table-name.ts'

const TABLES: ReadonlySet<string> = new Set([
  'OBJECT_TABLE',
  'OBJECT_MATVIEW',
  'OBJECT_FOREIGN_TABLE',
])

/** Finds tables that are dropped while they may be in use. */
export const dropTable: Rule = {
  id: 'drop-table',
  severity: 'error',
  upOnly: true,
  why: 'The running application still asks for it and fails. What is in it is gone.',
  lock: 'ACCESS EXCLUSIVE on it, and on every table that its foreign keys lead to',
  rewrite:
    "First a release that does not name the table; then drop it in a revision with `phase: 'contract'`, which waits until no older application is connected",
  *check({ node }, { known, change }) {
    if (change.phase === 'contract' || !TABLES.has(node.DropStmt?.removeType ?? '')) return
    for (const object of node.DropStmt?.objects ?? []) {
      const name = tableOfList(object)
      if (name === undefined || known.isNew(name)) continue
      yield { message: `${shown(name)} is lost, and may still be in use` }
    }
  },
}
