/** What is known of a connection when its lease comes back. */
export interface LeaseFacts {
  /** The holder asked for its end. */
  readonly destroy: boolean
  /** The pool has taken it away from a holder that did not give it back. */
  readonly reclaimed: boolean
  readonly lost: boolean
  /** A statement was given up, and its end is not known yet. */
  readonly doubtful: boolean
  /** Session state was set that the next borrower must not inherit. */
  readonly dirty: boolean
  /** Statements whose answer has not arrived. */
  readonly inFlight: number
  /** The status byte of the last ReadyForQuery: I idle, T in a transaction, E in a failed one. */
  readonly transactionStatus: 'I' | 'T' | 'E' | null
}

/**
 * What happens to a connection when its lease comes back: lent again, kept apart until a cancel has been settled, or
 * closed for the reason named.
 */
export type Verdict =
  | 'clean'
  | 'doubtful'
  | 'reclaimed'
  | 'asked'
  | 'lost'
  | 'sessionState'
  | 'inFlight'
  | 'openTransaction'

/** Anything that is not proven clean is destroyed. */
export function verdictOf(facts: LeaseFacts): Verdict {
  if (facts.lost) return 'lost'
  if (facts.reclaimed) return 'reclaimed'
  if (facts.destroy) return 'asked'
  if (facts.dirty) return 'sessionState'
  if (facts.doubtful) return 'doubtful'
  if (facts.inFlight > 0) return 'inFlight'
  return facts.transactionStatus === 'I' ? 'clean' : 'openTransaction'
}
