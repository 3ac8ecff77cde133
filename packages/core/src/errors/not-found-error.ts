import { AquiferError } from './aquifer-error.ts'

/** There is no row with the key that was asked for. Nothing was changed. */
export class NotFoundError extends AquiferError {
  override readonly name = 'NotFoundError'
  /** The name of the model whose row it would be. */
  readonly model: string

  constructor(model: string) {
    super(
      'NOT_FOUND',
      'data',
      `${model} has no row with this key: it was never there, is deleted, or is not for this caller to see. Use find() where that is no error.`,
    )
    this.model = model
  }
}
