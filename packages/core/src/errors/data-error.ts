import { AquiferError } from './aquifer-error.ts'

/** A value cannot be sent as what it is (`PARAMETER_INVALID`). Nothing was sent. */
export class DataError extends AquiferError {
  override readonly name = 'DataError'

  constructor(code: 'PARAMETER_INVALID', message: string, details: { cause?: unknown } = {}) {
    super(code, 'data', message, details)
  }
}
