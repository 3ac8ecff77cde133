import { AquiferError, type ErrorDetails } from './aquifer-error.ts'

/** The codes of a `TransactionError`. */
export type TransactionCode =
  /** A statement was sent after an earlier one of the same transaction had failed. */
  | 'TRANSACTION_ABORTED'
  /** COMMIT was answered by ROLLBACK: the failure of an earlier statement had been swallowed. */
  | 'COMMIT_ROLLED_BACK'
  /** The connection broke while COMMIT was on its way, and the server says that it took no effect. */
  | 'COMMIT_LOST'
  /** The connection broke while COMMIT was on its way; whether it took effect is not known. */
  | 'COMMIT_OUTCOME_UNKNOWN'
  /** Work was still running when the unit's callback returned; the unit was rolled back. */
  | 'UNAWAITED_WORK'
  /** A stream was open in a savepoint that was rolled back; the transaction goes on. */
  | 'STREAM_ROLLED_BACK'

/** A unit of work ended otherwise than its callback asked. */
export class TransactionError extends AquiferError {
  override readonly name = 'TransactionError'

  constructor(code: TransactionCode, message: string, details: ErrorDetails = {}) {
    super(code, 'transaction', message, details)
  }
}
