import { type AquiferError, isAquiferError } from '../errors/aquifer-error.ts'
import { TransactionError } from '../errors/transaction-error.ts'
import type { GuardedUnit } from './guarded-unit.ts'
import type { TransactionWatch } from './transaction-mark.ts'

/** What the server says behind the first failure. */
const ABORTED = '25P02'

/** What a transaction of Kysely's, on a connection that may see several, has of its own. */
export class KyselyTransaction implements GuardedUnit {
  readonly outer: GuardedUnit | undefined = undefined
  /** Learns the id by which its COMMIT can be asked for. */
  readonly watch: TransactionWatch
  /** Where it was begun; code outside of that has no part in it. */
  readonly owner: object | undefined
  /** The first failure of a statement, until a savepoint that contains it is rolled back. */
  firstError: unknown
  #doom: AquiferError | undefined

  constructor(watch: TransactionWatch, owner: object | undefined) {
    this.watch = watch
    this.owner = owner
  }

  doom(error: AquiferError): void {
    this.#doom ??= error
  }

  /** Why it must not be committed. */
  get doomedBy(): AquiferError | undefined {
    return this.#doom
  }

  /** The failure of a statement as its caller gets it: one behind the first names that as its cause. */
  failure(error: unknown): unknown {
    if (this.firstError === undefined || !isAquiferError(error) || error.sqlState !== ABORTED)
      return error
    return new TransactionError('TRANSACTION_ABORTED', error.message, { cause: this.firstError })
  }
}
