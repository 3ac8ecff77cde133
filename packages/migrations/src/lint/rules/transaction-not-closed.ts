import type { Rule } from '../rule.ts'

const ENDS: ReadonlySet<string> = new Set([
  'TRANS_STMT_COMMIT',
  'TRANS_STMT_ROLLBACK',
  'TRANS_STMT_PREPARE',
])

/** Finds BEGIN without COMMIT. */
export const transactionNotClosed: Rule = {
  id: 'transaction-not-closed',
  severity: 'error',
  why: 'Everything after BEGIN is rolled back when the connection ends, without an error.',
  lock: 'all that were taken, until the connection ends',
  rewrite: 'COMMIT at the end',
  *check({ node, transaction }, { change, position }) {
    const kind = node.TransactionStmt?.kind
    if (kind !== 'TRANS_STMT_BEGIN' && kind !== 'TRANS_STMT_START') return
    if (transaction !== undefined) return
    const closed = change.statements
      .slice(position + 1)
      .some(({ node: later }) => ENDS.has(later.TransactionStmt?.kind ?? ''))
    if (!closed) yield { message: 'no COMMIT follows' }
  },
}
