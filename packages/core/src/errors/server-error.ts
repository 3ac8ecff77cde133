import { AquiferError, type ErrorKind } from './aquifer-error.ts'

/**
 * The server refused a statement for a reason that has no class of its own. `code` is
 * `SERIALIZATION_FAILURE`, `DEADLOCK_DETECTED`, or `SERVER_` and the SQLSTATE.
 */
export class ServerError extends AquiferError {
  override readonly name = 'ServerError'

  constructor(
    code: string,
    kind: ErrorKind,
    message: string,
    details: { cause?: unknown; sqlState: string },
  ) {
    super(code, kind, message, {
      ...details,
      retryable: kind === 'serialization' || kind === 'deadlock',
    })
  }
}
