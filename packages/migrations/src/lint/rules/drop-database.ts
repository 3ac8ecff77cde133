import type { Rule } from '../rule.ts'
import { quoted } from '../table-name.ts'

/** Finds databases that are dropped. */
export const dropDatabase: Rule = {
  id: 'drop-database',
  severity: 'error',
  why: 'Everything in it is gone at once and cannot be rolled back; no revision has a reason to.',
  lock: null,
  rewrite: 'Leave it to whoever runs the server, by hand and with a backup',
  *check({ node }) {
    if (node.DropdbStmt === undefined) return
    yield { message: `all of database ${quoted(node.DropdbStmt.dbname ?? '')} is lost` }
  },
}
