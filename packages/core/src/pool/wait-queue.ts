import { AcquireTimeoutError, type PoolLoad } from '../errors/overload-error.ts'
import { CancelledError, TimeoutError } from '../errors/timeout-error.ts'
import { after, monotonicMs, type Timer } from '../time/clock.ts'
import type { InnerAcquireOptions } from './acquire-options.ts'

/** What is the same for all callers of one queue. */
export interface WaitTerms {
  readonly acquireTimeoutMs: number
  /** How full the pool is, asked when a wait that began at `since` ends in vain. */
  load(since: number): PoolLoad
  /** Called when a wait ends in vain. */
  onTimeout(waitedMs: number): void
}

/** First come, first served; a waiter leaves at once when its time is up or its signal fires. */
export class WaitQueue<T> {
  readonly #terms: WaitTerms
  readonly #waiters = new Set<Waiter<T>>()

  constructor(terms: WaitTerms) {
    this.#terms = terms
  }

  get length(): number {
    return this.#waiters.size
  }

  /** Puts a caller at the end. */
  add(options: InnerAcquireOptions): Waiter<T> {
    return new Waiter(options, this.#terms, this.#waiters)
  }

  /** The caller that has waited longest; it stays in the queue until it is settled. */
  first(): Waiter<T> | undefined {
    for (const waiter of this.#waiters) return waiter
    return undefined
  }

  /** Turns everyone away. */
  rejectAll(error: unknown): void {
    for (const waiter of [...this.#waiters]) waiter.reject(error)
  }
}

/** One caller in the queue. Settled once; later calls change nothing. */
class Waiter<T> {
  readonly since: number = monotonicMs()
  readonly options: InnerAcquireOptions
  readonly #terms: WaitTerms
  readonly #waiters: Set<Waiter<T>>
  readonly #settled = Promise.withResolvers<T>()
  readonly #timer: Timer
  #onAbort: (() => void) | undefined

  constructor(options: InnerAcquireOptions, terms: WaitTerms, waiters: Set<Waiter<T>>) {
    this.options = options
    this.#terms = terms
    this.#waiters = waiters
    const { deadline, signal } = options
    const untilDeadlineMs = deadline?.remainingMs ?? Number.POSITIVE_INFINITY
    const byDeadline = untilDeadlineMs < terms.acquireTimeoutMs
    const limitMs = byDeadline ? untilDeadlineMs : terms.acquireTimeoutMs
    this.#timer = after(limitMs, () => this.#giveUp(byDeadline))
    waiters.add(this)
    if (signal !== undefined) this.#leaveOn(signal)
    options.onWait?.((error) => this.reject(error))
  }

  get promise(): Promise<T> {
    return this.#settled.promise
  }

  resolve(value: T): void {
    this.#leave()
    this.#settled.resolve(value)
  }

  reject(error: unknown): void {
    this.#leave()
    this.#settled.reject(error)
  }

  #leaveOn(signal: AbortSignal): void {
    this.#onAbort = () =>
      this.reject(
        new CancelledError('the caller gave up while it waited for a connection', {
          cause: signal.reason,
        }),
      )
    signal.addEventListener('abort', this.#onAbort, { once: true })
  }

  #giveUp(byDeadline: boolean): void {
    const waitedMs = Math.round(monotonicMs() - this.since)
    const load = this.#terms.load(this.since)
    this.#terms.onTimeout(waitedMs)
    this.reject(
      byDeadline ? deadlinePassed(load.connectError) : new AcquireTimeoutError(waitedMs, load),
    )
  }

  #leave(): void {
    this.#waiters.delete(this)
    this.#timer.cancel()
    if (this.#onAbort !== undefined)
      this.options.signal?.removeEventListener('abort', this.#onAbort)
  }
}

/**
 * The error of a caller whose deadline came before its connection.
 *
 * @param connectError why none could be opened, if that is why it waited
 */
export function deadlinePassed(connectError?: Error): TimeoutError {
  const message = 'the deadline passed while waiting for a connection'
  return connectError === undefined
    ? new TimeoutError('DEADLINE_EXCEEDED', message)
    : new TimeoutError('DEADLINE_EXCEEDED', `${message}: ${connectError.message}`, {
        cause: connectError,
      })
}
