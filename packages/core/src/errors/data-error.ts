import { AquiferError } from './aquifer-error.ts'

/**
 * A value cannot be sent as what it is (`PARAMETER_INVALID`) or the text of a statement cannot (`STATEMENT_INVALID`):
 * nothing was sent. Or a value of the answer cannot be read (`RESULT_UNREADABLE`): the statement has run.
 */
export class DataError extends AquiferError {
  override readonly name = 'DataError'

  constructor(
    code: 'PARAMETER_INVALID' | 'STATEMENT_INVALID' | 'RESULT_UNREADABLE',
    message: string,
    details: { cause?: unknown } = {},
  ) {
    super(code, 'data', message, details)
  }
}
