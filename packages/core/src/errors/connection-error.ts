import { AquiferError, type Outcome } from './aquifer-error.ts'

/** What a `ConnectionError` can carry. */
export interface ConnectionErrorDetails {
  cause?: unknown
  sqlState?: string | undefined
  outcome?: Outcome
}

/**
 * The server could not be reached (`CONNECTION_FAILED`) or the connection broke while it was in use
 * (`CONNECTION_LOST`). The connection is never used again.
 */
export class ConnectionError extends AquiferError {
  override readonly name = 'ConnectionError'

  constructor(
    code: 'CONNECTION_FAILED' | 'CONNECTION_LOST',
    message: string,
    { cause, sqlState, outcome = 'rolledBack' }: ConnectionErrorDetails = {},
  ) {
    super(code, 'connection', message, {
      cause,
      outcome,
      retryable: outcome === 'rolledBack',
      ...(sqlState !== undefined && { sqlState }),
    })
  }
}

/** The error of what would have been sent on a connection that had broken already. */
export function lostBefore(cause: AquiferError): ConnectionError {
  const message = 'the connection had broken before the statement was sent'
  return new ConnectionError('CONNECTION_LOST', message, { cause, outcome: 'rolledBack' })
}
