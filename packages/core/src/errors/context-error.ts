import { AquiferError } from './aquifer-error.ts'

/**
 * A query over a model whose rows belong to somebody was run on behalf of nobody (`CONTEXT_REQUIRED`), and nothing was sent; or it would have
 * written a row of somebody else (`CONTEXT_MISMATCH`).
 */
export class ContextError extends AquiferError {
  override readonly name = 'ContextError'

  constructor(
    code: 'CONTEXT_REQUIRED' | 'CONTEXT_MISMATCH',
    message: string,
    details: { cause?: unknown; sqlState?: string } = {},
  ) {
    super(code, code === 'CONTEXT_REQUIRED' ? 'usage' : 'permission', message, details)
  }
}
