import { AquiferError } from '../errors/aquifer-error.ts'

/** The codes of a `SandboxError`. */
export type SandboxCode =
  /** Two units wait for each other, which have a connection each outside of a sandbox. */
  | 'SANDBOX_BUSY'
  /** The sandbox's transaction ended before the sandbox did. */
  | 'SANDBOX_LOST'
  /** What takes effect with a real COMMIT was asked for. */
  | 'SANDBOX_NEEDS_COMMIT'
  /** A text of several statements begins or ends a transaction. */
  | 'SANDBOX_SEVERAL'
  /** A cursor or a copy stream was started outside of a transaction. */
  | 'SANDBOX_STREAM'

const ON_ITS_OWN = 'test it on a database of its own, as openTestDatabase() gives it'

/** What was asked cannot be done inside one transaction that is rolled back. The message says what to do instead. */
export class SandboxError extends AquiferError {
  override readonly name = 'SandboxError'

  constructor(code: SandboxCode, message: string, details: { cause?: unknown } = {}) {
    super(code, code === 'SANDBOX_LOST' ? 'transaction' : 'usage', message, details)
  }
}

/** The refusal of a statement whose turn will not come. */
export function busy(why: string): SandboxError {
  return new SandboxError(
    'SANDBOX_BUSY',
    `${why}: all units of a sandbox share one connection, where each has its own outside of it. Await the one before the ` +
      `other begins, open the inner one with engine.session(fn, { propagation: 'new' }), or ${ON_ITS_OWN}`,
  )
}

/** The error of all that comes after the end of the sandbox's transaction. */
export function sandboxLost(cause: unknown): SandboxError {
  return new SandboxError(
    'SANDBOX_LOST',
    'the transaction of the sandbox ended before the sandbox did, and took everything in it along: its connection broke, or a function ' +
      `ended it. If that is what you test, ${ON_ITS_OWN}`,
    { cause },
  )
}

/** The refusal of what no savepoint can stand for. */
export function needsCommit(what: string): SandboxError {
  return new SandboxError(
    'SANDBOX_NEEDS_COMMIT',
    `${what} takes effect with a COMMIT, which a sandbox never sends: ${ON_ITS_OWN}`,
  )
}

/** The refusal of transaction control that cannot be taken out of its text. */
export function severalWithControl(): SandboxError {
  return new SandboxError(
    'SANDBOX_SEVERAL',
    'a text of several statements begins or ends a transaction, and would end the one of the sandbox: send BEGIN, COMMIT and ROLLBACK each as a ' +
      `statement of its own, or ${ON_ITS_OWN}`,
  )
}

/** The refusal of a query class that nothing can be wrapped around. */
export function streamOutside(): SandboxError {
  return new SandboxError(
    'SANDBOX_STREAM',
    `a cursor or a copy stream needs a transaction of its client's in a sandbox: send BEGIN and wait for its answer first, or ${ON_ITS_OWN}`,
  )
}
