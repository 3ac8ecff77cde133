import { AquiferError } from './aquifer-error.ts'

/** The call itself is wrong; running it again changes nothing. The message says what to call instead. */
export class UsageError extends AquiferError {
  override readonly name = 'UsageError'

  constructor(code: string, message: string, details: { cause?: unknown } = {}) {
    super(code, 'usage', message, details)
  }
}
