import { TransactionError } from '../errors/transaction-error.ts'
import { UsageError } from '../errors/usage-error.ts'

/** The refusal of a statement behind one that failed. */
export function aborted(cause: unknown): TransactionError {
  return new TransactionError(
    'TRANSACTION_ABORTED',
    'an earlier statement of this transaction failed; only a rollback is possible. Its error is the cause',
    { cause },
  )
}

/** The refusal of what would begin or end the transaction. */
export function transactionControl(): UsageError {
  return new UsageError(
    'SESSION_TRANSACTION_CONTROL',
    'BEGIN, COMMIT and ROLLBACK belong to the session: return from its callback to commit, throw to roll back, and use ' +
      'session.savepoint() for a part of it',
  )
}

/** The failure of a unit whose callback did not wait for its work. */
export function unawaitedWork(
  pending: number,
  mode: 'transaction' | 'autocommit',
): TransactionError {
  const found = `the callback returned while ${pending} statements, a savepoint, a joined session or a stream had not ended`
  return mode === 'autocommit'
    ? new TransactionError(
        'UNAWAITED_WORK',
        `${found}; they were cancelled, and what an autocommit session had done before stays. Await each of them`,
        { outcome: 'unknown' },
      )
    : new TransactionError(
        'UNAWAITED_WORK',
        `${found}; the unit was rolled back. Await each of them`,
      )
}

/** What a statement is told that its unit did not wait for; outside of a transaction it may have been applied. */
export function overtaken(mode: 'transaction' | 'autocommit'): TransactionError {
  return new TransactionError(
    'UNAWAITED_WORK',
    'the unit ended while this statement ran, which was cancelled: await every statement before the callback ends',
    { outcome: mode === 'autocommit' ? 'unknown' : 'rolledBack' },
  )
}

/** The failure of a COMMIT that would have committed what is left of a failed transaction. */
export function rolledBackInstead(cause: unknown): TransactionError {
  return new TransactionError(
    'COMMIT_ROLLED_BACK',
    'nothing was committed: a statement had failed and its error was swallowed. Let it be thrown, or run what may fail in a savepoint',
    { cause },
  )
}
