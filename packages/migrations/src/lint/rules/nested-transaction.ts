import type { Rule } from '../rule.ts'

/** Finds BEGIN within a transaction, and COMMIT without one. */
export const nestedTransaction: Rule = {
  id: 'nested-transaction',
  severity: 'error',
  why: 'PostgreSQL has no transaction in a transaction: an inner BEGIN does nothing, and the first COMMIT ends the outer one, with everything that was to be one unit.',
  lock: null,
  rewrite:
    'Take BEGIN and COMMIT away where the runner has a transaction of its own, or use SAVEPOINT; for a revision that needs several, `transaction: false`',
  *check({ node, transaction }) {
    switch (node.TransactionStmt?.kind) {
      case 'TRANS_STMT_BEGIN':
      case 'TRANS_STMT_START':
        if (transaction !== undefined) yield { message: 'a transaction is open already' }
        return
      case 'TRANS_STMT_COMMIT':
      case 'TRANS_STMT_ROLLBACK':
      case 'TRANS_STMT_PREPARE':
        if (transaction === undefined) yield { message: 'no transaction is open' }
        else if (!transaction.explicit) yield { message: 'it ends the transaction of the runner' }
        return
      default:
    }
  },
}
