import { AcquireTimeoutError, type PoolLoad } from '../errors/overload-error.ts'
import { CancelledError, TimeoutError } from '../errors/timeout-error.ts'
import type { CallSite } from '../time/call-site.ts'
import { after, monotonicMs, type Timer } from '../time/clock.ts'
import type { Deadline } from '../time/deadline.ts'

/** How long one caller waits, and what may call it off. */
export interface WaitOptions {
  readonly acquireTimeoutMs: number
  readonly deadline?: Deadline | undefined
  readonly signal?: AbortSignal | undefined
  /** The caller shows with its first flight whether the connection lives; see `firstFlight`. */
  readonly provesItself?: boolean | undefined
  readonly dedicated?: boolean | undefined
  readonly takenAt?: CallSite | undefined
  /** How full the pool is, asked when a wait that began at `since` ends in vain. */
  readonly load: (since: number) => PoolLoad
  /** Called when the wait ends in vain. */
  readonly onTimeout?: (waitedMs: number) => void
}

/** One caller in the queue. Settled once; later calls change nothing. */
export interface Waiter<T> {
  readonly promise: Promise<T>
  readonly since: number
  readonly options: WaitOptions
  resolve(value: T): void
  reject(error: unknown): void
}

/** First come, first served; a waiter leaves at once when its time is up or its signal fires. */
export class WaitQueue<T> {
  readonly #waiters = new Set<Waiter<T>>()

  get length(): number {
    return this.#waiters.size
  }

  /** Puts a caller at the end. */
  add(options: WaitOptions): Waiter<T> {
    const { deadline, signal, acquireTimeoutMs } = options
    const since = monotonicMs()
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const untilDeadlineMs = deadline?.remainingMs ?? Number.POSITIVE_INFINITY
    const byDeadline = untilDeadlineMs < acquireTimeoutMs
    const limitMs = Math.min(acquireTimeoutMs, untilDeadlineMs)
    const onAbort = () =>
      waiter.reject(
        new CancelledError('the caller gave up while it waited for a connection', {
          cause: signal?.reason,
        }),
      )
    const timer: Timer = after(limitMs, () => {
      const waitedMs = Math.round(monotonicMs() - since)
      const load = options.load(since)
      options.onTimeout?.(waitedMs)
      waiter.reject(
        byDeadline ? deadlinePassed(load.connectError) : new AcquireTimeoutError(waitedMs, load),
      )
    })

    const leave = () => {
      this.#waiters.delete(waiter)
      timer.cancel()
      signal?.removeEventListener('abort', onAbort)
    }
    const waiter: Waiter<T> = {
      promise,
      since,
      options,
      resolve: (value) => {
        leave()
        resolve(value)
      },
      reject: (error) => {
        leave()
        reject(error)
      },
    }
    this.#waiters.add(waiter)
    signal?.addEventListener('abort', onAbort, { once: true })
    return waiter
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
