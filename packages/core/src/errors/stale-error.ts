import { AquiferError } from './aquifer-error.ts'

/** What the versions of a `StaleError` are of. */
export interface StaleVersions {
  /** The name of the model. */
  readonly model: string
  /** The version that was asked for. */
  readonly asked: unknown
  /** The version that the row has; undefined if no row that can be seen fulfils the conditions. */
  readonly found: unknown
}

/** A row was to be changed at a version that it has no longer: somebody else was first. Nothing was written. */
export class StaleError extends AquiferError implements StaleVersions {
  override readonly name = 'StaleError'
  readonly model: string
  readonly asked: unknown
  readonly found: unknown

  constructor({ model, asked, found }: StaleVersions) {
    const what =
      found === undefined ? 'is gone or hidden, or fails another condition' : 'has another version'
    super(
      'STALE_VERSION',
      'stale',
      `a row of ${model} was not changed, because it ${what}: read it again and decide anew`,
    )
    this.model = model
    this.asked = asked
    this.found = found
  }
}
