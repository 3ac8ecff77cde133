import { AquiferError, type Outcome } from './aquifer-error.ts'

/**
 * A limit ran out: the caller's deadline (`DEADLINE_EXCEEDED`), the server's statement limit
 * (`STATEMENT_TIMEOUT`) or its lock limit (`LOCK_TIMEOUT`).
 */
export class TimeoutError extends AquiferError {
  override readonly name = 'TimeoutError'

  constructor(
    code: 'DEADLINE_EXCEEDED' | 'STATEMENT_TIMEOUT' | 'LOCK_TIMEOUT',
    message: string,
    details: { cause?: unknown; sqlState?: string; outcome?: Outcome } = {},
  ) {
    super(code, 'timeout', message, details)
  }
}

/** The caller's AbortSignal fired, or the server was told to cancel the statement (`CANCELLED`). */
export class CancelledError extends AquiferError {
  override readonly name = 'CancelledError'

  constructor(
    message: string,
    details: { cause?: unknown; sqlState?: string; outcome?: Outcome } = {},
  ) {
    super('CANCELLED', 'cancelled', message, details)
  }
}
