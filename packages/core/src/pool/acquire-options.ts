import type { CallSite } from '../time/call-site.ts'
import type { Deadline } from '../time/deadline.ts'
import type { Lease } from './lease.ts'

/** What bounds the wait for a lease, and what the lease is for. */
export interface AcquireOptions {
  readonly deadline?: Deadline | undefined
  readonly signal?: AbortSignal | undefined
  /**
   * For LISTEN and other holders that stay: never a leak, closed with the pool without being waited for, and if its connection
   * breaks another one takes its place with the same LISTENs. @default false
   */
  readonly dedicated?: boolean | undefined
}

/** What the rooms above say besides. */
export interface InnerAcquireOptions extends AcquireOptions {
  /** The first flight shows whether the connection lives, so that it need not be asked; see `firstFlight`. */
  readonly provesItself?: boolean | undefined
  /** Hears of each lease before the first flight leaves on it, which it may forbid by throwing; see `firstFlight`. */
  readonly onLease?: ((lease: Lease) => void) | undefined
  /** Hears that the caller has to wait, and gets the way to call that off. */
  readonly onWait?: ((giveUp: (error: unknown) => void) => void) | undefined
  /** The place in the caller's code that needs the lease. @default the caller of acquire() */
  readonly takenAt?: CallSite | undefined
}
