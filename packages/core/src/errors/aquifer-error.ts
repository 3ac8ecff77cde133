/** What sort of failure an error is: the coarse word that callers branch on. */
export type ErrorKind =
  | 'connection'
  | 'timeout'
  | 'cancelled'
  | 'overload'
  | 'constraint'
  | 'serialization'
  | 'deadlock'
  | 'transaction'
  | 'permission'
  | 'resource'
  | 'syntax'
  | 'usage'
  | 'stale'
  | 'data'
  | 'migration'
  | 'job'

/** What became of the writes of the failed unit of work. */
export type Outcome = 'rolledBack' | 'committed' | 'unknown'

/** What an error can carry besides its code and message. */
export interface ErrorDetails {
  /** The failure that made this one necessary; the first cause is kept. */
  cause?: unknown
  /** Whether the same unit of work may succeed if it is run again. @default false */
  retryable?: boolean
  /** @default 'rolledBack' */
  outcome?: Outcome
  /** The SQLSTATE of the server, five characters. */
  sqlState?: string
}

const BRAND: symbol = Symbol.for('aquifer.error')

/**
 * The base of every error that Aquifer throws. Branch on `code` or `kind`, never on the message.
 * Messages hold no parameters and no row values.
 */
export class AquiferError extends Error {
  override readonly name: string = 'AquiferError'
  readonly code: string
  readonly kind: ErrorKind
  readonly retryable: boolean
  readonly outcome: Outcome
  readonly sqlState: string | undefined

  constructor(code: string, kind: ErrorKind, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.kind = kind
    this.retryable = details.retryable ?? false
    this.outcome = details.outcome ?? 'rolledBack'
    this.sqlState = details.sqlState
    // Not enumerable: a mark for isAquiferError, and no business of logs.
    Object.defineProperty(this, BRAND, { value: true })
  }
}

/** Whether `error` was thrown by Aquifer, whichever copy of the package is loaded. */
export function isAquiferError(error: unknown): error is AquiferError {
  return typeof error === 'object' && error !== null && BRAND in error
}
