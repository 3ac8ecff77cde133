import { UsageError } from '../errors/usage-error.ts'
import { after, monotonicMs } from './clock.ts'

/**
 * One point in time that bounds waiting, statements, retries and cancel of everything under it.
 * Immutable; the clock is monotonic, so that a change of the wall clock moves no deadline.
 *
 * @see the deadline of Go's context and of gRPC
 */
export class Deadline {
  readonly #at: number
  #signal: AbortSignal | undefined

  private constructor(at: number) {
    this.#at = at
  }

  /**
   * A deadline `delayMs` from now.
   *
   * @throws {UsageError} `DEADLINE_INVALID` if `delayMs` is negative or no number
   */
  static after(delayMs: number): Deadline {
    if (!(delayMs >= 0)) {
      throw new UsageError(
        'DEADLINE_INVALID',
        `a deadline needs 0 or more milliseconds, got ${delayMs}`,
      )
    }
    return new Deadline(monotonicMs() + delayMs)
  }

  /** The nearer of two deadlines. */
  static earlier(first: Deadline, second: Deadline | undefined): Deadline {
    return second !== undefined && second.#at < first.#at ? second : first
  }

  /** Milliseconds left, never below 0. */
  get remainingMs(): number {
    return Math.max(0, this.#at - monotonicMs())
  }

  get expired(): boolean {
    return monotonicMs() >= this.#at
  }

  /** Aborts when the deadline passes. */
  get signal(): AbortSignal {
    if (this.#signal === undefined) {
      const controller = new AbortController()
      after(this.remainingMs, () => controller.abort())
      this.#signal = controller.signal
    }
    return this.#signal
  }
}
