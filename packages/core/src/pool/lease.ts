import type { AquiferError, Outcome } from '../errors/aquifer-error.ts'
import { CancelledError, TimeoutError } from '../errors/timeout-error.ts'
import { TransactionError } from '../errors/transaction-error.ts'
import { UsageError } from '../errors/usage-error.ts'
import type { CallSite } from '../time/call-site.ts'
import { after, monotonicMs } from '../time/clock.ts'
import type { Deadline } from '../time/deadline.ts'
import { type Answers, lastOf } from './answer.ts'
import type { Backend, FlyOptions } from './backend.ts'
import { Channels } from './channels.ts'
import type { FlightPart } from './flight-writer.ts'
import { allAnswers, type Flown } from './flown.ts'
import { harmless } from './harmless.ts'
import { Listeners } from './listeners.ts'
import type { Notice, Notification } from './said.ts'
import type { Submittable } from './send-queue.ts'
import type { QueryResult, Statement, StatementResult } from './statement.ts'
import type { FactsCache } from './statement-facts.ts'
import { type Verdict, verdictOf } from './verdict.ts'

/** What bounds one statement. */
export interface StatementOptions {
  readonly deadline?: Deadline | undefined
  readonly signal?: AbortSignal | undefined
}

/** What lends: the same for all leases of a pool. */
export interface Lender {
  readonly facts: FactsCache
  /** Session state must not be left here. */
  readonly refusesState: boolean
  /** The lease has begun to wait for notifications. */
  onListen(lease: Lease): void
  onRelease(lease: Lease, verdict: Verdict): void
}

/** What is special about one lease. */
export interface LeaseTerms {
  /** The connection was heard of a moment ago, so that nobody need ask whether it lives. */
  readonly lively: boolean
  /** The place in the caller's code that took it, if it was noted. */
  readonly takenAt: CallSite
}

/** How long a cancelled statement has to end before its connection is cut. */
export const SETTLE_LIMIT_MS: number = 1_000

/**
 * One checkout of a connection. It ends with `release()`, or at the end of an `await using` block;
 * the pool then decides from what it saw whether the connection is clean enough for the next caller.
 */
export class Lease implements AsyncDisposable {
  /** When it was taken, by the monotonic clock. */
  readonly since: number = monotonicMs()
  /** Whether the connection was heard of a moment ago. @internal */
  readonly lively: boolean
  /** The place in the caller's code that took it, if the pool has noted it. */
  readonly takenAt: CallSite
  readonly #lender: Lender
  #backend: Backend
  #givenUp: AquiferError | undefined
  #settled: Promise<boolean> | undefined
  #dirty = false
  #ended: 'released' | 'reclaimed' | undefined
  #listeners: Listeners | undefined
  #channels: Channels | undefined

  constructor(backend: Backend, lender: Lender, { lively, takenAt }: LeaseTerms) {
    this.#backend = backend
    this.#lender = lender
    this.lively = lively
    this.takenAt = takenAt
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
    return (
      this.#ended === undefined && this.#givenUp === undefined && this.#backend.lost === undefined
    )
  }

  /** The connection, for the pool. @internal */
  get backend(): Backend {
    return this.#backend
  }

  /**
   * Resolves when a statement that was given up has ended; true if its connection can be used again. Undefined if none
   * was given up. @internal
   */
  get settled(): Promise<boolean> | undefined {
    return this.#settled
  }

  /**
   * Runs one statement. When the deadline passes or the signal fires first, the caller gets its error at once, the server is
   * asked to cancel, and the connection is kept from everybody else until that is known to have happened.
   *
   * @throws {TimeoutError} `DEADLINE_EXCEEDED`; {CancelledError} `CANCELLED`; or the server's refusal, typed
   */
  async run(statement: Statement, options: StatementOptions = {}): Promise<StatementResult> {
    return lastOf(await this.fly([statement], options))
  }

  /**
   * Runs statements that travel together: if one fails, those behind it were not run. Bounded as `run` is.
   *
   * @internal
   */
  async fly(
    parts: readonly FlightPart[],
    options: StatementOptions & FlyOptions = {},
  ): Promise<Answers> {
    return allAnswers(await this.flyThrough(parts, options))
  }

  /**
   * As `fly`, but a failure comes along with the answers of the statements before it.
   *
   * @internal
   */
  async flyThrough(
    parts: readonly FlightPart[],
    options: StatementOptions & FlyOptions = {},
  ): Promise<Flown> {
    const { deadline, signal } = options
    const refusal = this.#refusal(parts, deadline, signal)
    if (refusal !== undefined) throw refusal
    if (deadline === undefined && signal === undefined)
      return await this.#backend.flyThrough(parts, options)

    const outcome = () => this.#backend.outcomeIfLost(parts)
    const timer = deadline && after(deadline.remainingMs, () => this.#giveUp(tooLate(outcome())))
    const onAbort = () => this.#giveUp(aborted(outcome(), signal?.reason))
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      return await this.#backend.flyThrough(parts, options)
    } finally {
      timer?.cancel()
      signal?.removeEventListener('abort', onAbort)
    }
  }

  /** Runs one statement as pg does: rows as objects, names as the server gives them. */
  async query<Row = Record<string, unknown>>(
    text: string,
    values: readonly unknown[] = [],
    options: StatementOptions = {},
  ): Promise<QueryResult<Row>> {
    return (await this.run({ text, values }, options)) as unknown as QueryResult<Row>
  }

  /** Hands a cursor, a copy stream or another query class of pg's to the driver. @internal */
  submit(query: Submittable): void {
    const refusal = this.#refusal([], undefined, undefined)
    if (refusal !== undefined) throw refusal
    // Its text is not seen from here: what it leaves behind is not known.
    if ('text' in query && typeof query.text === 'string') this.#look(query.text)
    this.#backend.submit(query)
  }

  /** Calls `listener` for each notification of this connection's LISTENs, until the lease is released. */
  onNotification(listener: (notification: Notification) => void): void {
    this.#heard.onNotification.push(harmless('notification', listener))
  }

  /** Calls `listener` for what the server says beside its answers. @internal */
  onNotice(listener: (notice: Notice) => void): void {
    this.#heard.onNotice.push(harmless('notice', listener))
  }

  /** Calls `listener` if the connection breaks while it is leased. */
  onLost(listener: (error: Error) => void): void {
    this.#heard.onLost.push(harmless('lost', listener))
  }

  /**
   * Calls `listener` when a dedicated lease has another connection in place of one that broke, with the same LISTENs. What was notified in
   * between is lost: look for it.
   */
  onRestored(listener: () => void): void {
    this.#heard.onRestored.push(harmless('restored', listener))
  }

  /** Gives the connection back; `'destroy'` closes it whatever its state. A second call does nothing. */
  release(asked: 'clean' | 'destroy' = 'clean'): void {
    if (this.#ended !== undefined) return
    this.#end('released', asked)
  }

  /** Takes the connection away from a holder that does not give it back. @internal */
  reclaim(): void {
    if (this.#ended === undefined) this.#end('reclaimed', 'clean')
  }

  /** Whether it has been given back or taken away. @internal */
  get ended(): boolean {
    return this.#ended !== undefined
  }

  /** What another connection has to run to listen to the same. @internal */
  get listens(): readonly string[] {
    return this.#channels?.statements ?? []
  }

  /** Goes on with another connection. @internal */
  moveTo(backend: Backend): void {
    this.#listeners?.stop()
    this.#backend = backend
    this.#listeners?.listenTo(backend)
    for (const listener of this.#listeners?.onRestored ?? []) listener()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.release()
  }

  #end(how: 'released' | 'reclaimed', asked: 'clean' | 'destroy'): void {
    const { lost, load, transactionStatus } = this.#backend
    const verdict = verdictOf({
      destroy: asked === 'destroy',
      reclaimed: how === 'reclaimed',
      lost: lost !== undefined,
      doubtful: this.#givenUp !== undefined,
      dirty: this.#dirty,
      inFlight: load,
      transactionStatus,
    })
    this.#ended = how
    this.#listeners?.stop()
    this.#lender.onRelease(this, verdict)
  }

  #refusal(
    parts: readonly FlightPart[],
    deadline: Deadline | undefined,
    signal: AbortSignal | undefined,
  ): AquiferError | undefined {
    if (this.#ended !== undefined) return this.#ended === 'released' ? released() : reclaimed()
    if (this.#givenUp !== undefined) return givenUp(this.#givenUp)
    const late = tooLateToSend({ deadline, signal })
    if (late !== undefined) return late
    for (const part of parts) {
      if ('text' in part && this.#look(part.text, part) && this.#lender.refusesState)
        return stateRefused()
    }
    return undefined
  }

  /** @returns whether the statement may leave session state behind, which is noted */
  #look(text: string, statement?: Statement): boolean {
    const { leavesState, listens } = statement?.facts ?? this.#lender.facts.of(text)
    if (leavesState) this.#dirty = true
    if (listens) this.#onListen(text)
    return leavesState
  }

  #onListen(text: string): void {
    this.#channels ??= new Channels()
    this.#channels.note(text)
    this.#lender.onListen(this)
  }

  get #heard(): Listeners {
    if (this.#listeners === undefined) {
      this.#listeners = new Listeners()
      if (this.#ended === undefined) this.#listeners.listenTo(this.#backend)
    }
    return this.#listeners
  }

  /** Takes it for given up, as if its statement had met its deadline; one that was given back is somebody else's. @internal */
  abandon(error: AquiferError): void {
    if (this.#ended === undefined) this.#giveUp(error)
  }

  /** Frees the caller at once; the connection is not free before the server has ended the statement. */
  #giveUp(error: AquiferError): void {
    this.#givenUp ??= error
    this.#settled ??= this.#backend.settle(error, SETTLE_LIMIT_MS)
  }
}

/** The error of a caller who has given up, or whose deadline has passed, before anything was sent. */
export function tooLateToSend({ deadline, signal }: StatementOptions): AquiferError | undefined {
  if (signal?.aborted === true) {
    return new CancelledError('the caller gave up before the statement was sent', {
      cause: signal.reason,
    })
  }
  return deadline?.expired === true
    ? new TimeoutError('DEADLINE_EXCEEDED', 'the deadline passed before the statement was sent')
    : undefined
}

/** The error of a caller whose deadline passes while its statement runs. */
export function tooLate(outcome: Outcome): TimeoutError {
  return new TimeoutError('DEADLINE_EXCEEDED', 'the deadline passed while the statement ran', {
    outcome,
  })
}

/** The error of a caller who gives up while its statement runs. */
export function aborted(outcome: Outcome, cause: unknown): CancelledError {
  return new CancelledError('the caller gave up while the statement ran', { outcome, cause })
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

function reclaimed(): UsageError {
  return new UsageError(
    'LEASE_RECLAIMED',
    "the lease was held for longer than the profile's reclaimAfterMs and was taken away: release leases sooner, or acquire({ dedicated: true }) for a long-lived one",
  )
}

function stateRefused(): UsageError {
  return new UsageError(
    'POOLER_SESSION_STATE',
    'the statement sets state of a connection (SET, LISTEN, a temporary table, an advisory lock, ...), and behind a transaction pooler the next ' +
      'statement may run on another one: use SET LOCAL and pg_advisory_xact_lock in a transaction, or an engine that connects to the server itself',
  )
}
