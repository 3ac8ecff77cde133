import type { AquiferError } from '../errors/aquifer-error.ts'
import type { Lease } from '../pool/lease.ts'

/** A unit of work as its guards know it. */
export interface GuardedUnit {
  /** The unit inside of which it was opened, and which waits for it. */
  readonly outer: GuardedUnit | undefined
  /** Lets its COMMIT be refused with this error. */
  doom(error: AquiferError): void
}

/** Looks after transactions while they are open. */
export interface TransactionGuard {
  /** The unit is about to send BEGIN on this lease; once more if it has to take another one. */
  begun(unit: GuardedUnit, lease: Lease): void
  /** The transaction of the unit, if it had begun one, is over. */
  ended(unit: GuardedUnit): void
}
