/** What is known of a connection when its lease comes back. */
export interface LeaseFacts {
  /** The status byte of the last ReadyForQuery: I idle, T in a transaction, E in a failed one. */
  readonly transactionStatus: 'I' | 'T' | 'E' | null
  /** Statements whose answer has not arrived. */
  readonly inFlight: number
  /** A client-side limit or abort left a statement behind. */
  readonly doubtful: boolean
  /** Session state was set that the next borrower must not inherit. */
  readonly dirty: boolean
  readonly lost: boolean
}

/** What happens to a connection when its lease comes back. */
export type Verdict = 'clean' | 'destroy'

/** Anything that is not proven clean is destroyed. */
export function verdictOf(facts: LeaseFacts): Verdict {
  const clean =
    !facts.lost &&
    !facts.doubtful &&
    !facts.dirty &&
    facts.inFlight === 0 &&
    facts.transactionStatus === 'I'
  return clean ? 'clean' : 'destroy'
}

const COMMENTS = /\/\*[\s\S]*?\*\/|--[^\n]*/g
const LEAVES_STATE =
  /(^|;)\s*(set(?!\s+(local|constraints|transaction)\b)|listen|prepare|load|do|call)\b|\bset_config\s*\(|\bpg_(try_)?advisory_lock|\b(create|into)\s+(local\s+|global\s+)?temp(orary)?\b|\bwith\s+hold\b/i

/**
 * Whether the text of a statement may leave session state behind: SET, LISTEN, temporary tables,
 * session-level advisory locks, DO and CALL. It errs towards yes: a false yes costs one connection, a false no a
 * borrower's surprise. State that a function sets in its body is not seen.
 */
export function leavesSessionState(text: string): boolean {
  return LEAVES_STATE.test(
    text.includes('/*') || text.includes('--') ? text.replace(COMMENTS, ' ') : text,
  )
}
