import { AsyncResource } from 'node:async_hooks'
import type { Outcome } from '../errors/aquifer-error.ts'
import { CancelledError, TimeoutError } from '../errors/timeout-error.ts'
import { TransactionError } from '../errors/transaction-error.ts'
import { UsageError } from '../errors/usage-error.ts'
import { after } from '../time/clock.ts'
import type { Deadline } from '../time/deadline.ts'
import type { Backend, Notification, Statement, StatementResult } from './backend.ts'
import { leavesSessionState, type Verdict, verdictOf } from './verdict.ts'

/** What bounds one statement. */
export interface StatementOptions {
  readonly deadline?: Deadline | undefined
  readonly signal?: AbortSignal | undefined
}

/** The answer to a statement whose rows are objects, as pg gives it. */
export interface QueryResult<Row> {
  readonly command: string
  readonly rowCount: number | null
  readonly rows: Row[]
}

/**
 * One checkout of a connection. It ends with `release()`, or at the end of an `await using` block;
 * the pool then decides from what it saw whether the connection is clean enough for the next caller.
 */
export class Lease implements AsyncDisposable {
  readonly #backend: Backend
  readonly #onRelease: (verdict: Verdict) => void
  #inFlight = 0
  #givenUp: Error | undefined
  #dirty = false
  #released = false
  readonly #listening: (() => void)[] = []

  constructor(backend: Backend, onRelease: (verdict: Verdict) => void) {
    this.#backend = backend
    this.#onRelease = onRelease
  }

  /** The server's process id of this connection. */
  get backendPid(): number {
    return this.#backend.pid
  }

  /** The status byte of the last answer: I idle, T in a transaction, E in a failed one. */
  get transactionStatus(): 'I' | 'T' | 'E' | null {
    return this.#backend.transactionStatus
  }

  /** Whether the connection can still be used: it is neither lost nor left in doubt. */
  get usable(): boolean {
    return !this.#released && this.#givenUp === undefined && this.#backend.lost === undefined
  }

  /**
   * Runs one statement. When the deadline passes or the signal fires first, the caller gets its error at
   * once, the server is asked to cancel, and the connection is destroyed when the lease comes back.
   *
   * @throws {TimeoutError} `DEADLINE_EXCEEDED`; {CancelledError} `CANCELLED`; or the server's refusal, typed
   */
  async run(statement: Statement, options: StatementOptions = {}): Promise<StatementResult> {
    const { deadline, signal } = options
    if (this.#released) throw released()
    if (this.#givenUp !== undefined) throw givenUp(this.#givenUp)
    if (signal?.aborted === true)
      throw new CancelledError('the caller gave up before the statement was sent')
    if (deadline?.expired === true)
      throw new TimeoutError(
        'DEADLINE_EXCEEDED',
        'the deadline passed before the statement was sent',
      )
    if (leavesSessionState(statement.text)) this.#dirty = true
    this.#inFlight += 1
    const outcome = this.#backend.outcomeIfLost(statement)
    const answer = this.#backend.run(statement).finally(() => {
      this.#inFlight -= 1
    })
    return deadline === undefined && signal === undefined
      ? answer
      : this.#bounded(answer, outcome, deadline, signal)
  }

  /** Runs one statement as pg does: rows as objects, names as the server gives them. */
  async query<Row = Record<string, unknown>>(
    text: string,
    values: readonly unknown[] = [],
    options: StatementOptions = {},
  ): Promise<QueryResult<Row>> {
    return (await this.run({ text, values }, options)) as unknown as QueryResult<Row>
  }

  /** Calls `listener` for each notification of this connection's LISTENs, until the lease is released. */
  onNotification(listener: (notification: Notification) => void): void {
    this.#listening.push(this.#backend.whenNotified(AsyncResource.bind(listener)))
  }

  /** Calls `listener` if the connection breaks while it is leased. */
  onLost(listener: (error: Error) => void): void {
    this.#listening.push(this.#backend.whenLost(AsyncResource.bind(listener)))
  }

  /** Gives the connection back; `'destroy'` closes it whatever its state. A second call does nothing. */
  release(asked: Verdict = 'clean'): void {
    if (this.#released) return
    const verdict =
      asked === 'destroy'
        ? 'destroy'
        : verdictOf({
            transactionStatus: this.#backend.transactionStatus,
            inFlight: this.#inFlight,
            doubtful: this.#givenUp !== undefined,
            dirty: this.#dirty,
            lost: this.#backend.lost !== undefined,
          })
    this.#released = true
    for (const stop of this.#listening) stop()
    this.#onRelease(verdict)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.release()
  }

  #bounded(
    answer: Promise<StatementResult>,
    outcome: Outcome,
    deadline: Deadline | undefined,
    signal: AbortSignal | undefined,
  ): Promise<StatementResult> {
    const { promise, resolve, reject } = Promise.withResolvers<StatementResult>()
    const giveUp = (error: Error) => {
      this.#givenUp = error
      void this.#backend.cancel()
      reject(error)
    }
    const onAbort = () =>
      giveUp(new CancelledError('the caller gave up while the statement ran', { outcome }))
    const timer = deadline && after(deadline.remainingMs, () => giveUp(deadlinePassed(outcome)))
    signal?.addEventListener('abort', onAbort, { once: true })
    answer.then(resolve, reject).finally(() => {
      timer?.cancel()
      signal?.removeEventListener('abort', onAbort)
    })
    return promise
  }
}

function deadlinePassed(outcome: Outcome): TimeoutError {
  return new TimeoutError('DEADLINE_EXCEEDED', 'the deadline passed while the statement ran', {
    outcome,
  })
}

/** Its cancel may still be on the way and would hit whatever runs next. */
function givenUp(cause: Error): TransactionError {
  return new TransactionError(
    'TRANSACTION_ABORTED',
    'a statement on this connection was given up while it ran: nothing more can be run on it. Its error is the cause',
    { cause },
  )
}

function released(): UsageError {
  return new UsageError(
    'LEASE_RELEASED',
    'the lease was given back: acquire a new one, and await every statement before release()',
  )
}
