import { UsageError } from '../errors/usage-error.ts'
import { random as systemRandom } from './clock.ts'

/** How long to wait between attempts of one unit of work. */
export interface BackoffOptions {
  /** Upper bound of the first wait, in milliseconds. @default 20 */
  baseMs?: number
  /** Upper bound of every wait, in milliseconds. @default 1000 */
  capMs?: number
  /** Numbers in [0, 1); a test passes its seeded one. @default Math.random */
  random?: () => number
}

/**
 * The wait before the next attempt: a random point below a bound that doubles each time, so that
 * units which collided once do not collide again.
 *
 * @param attempt the attempt that has just failed; the first is 1
 * @returns whole milliseconds in [0, capMs)
 * @throws {UsageError} `BACKOFF_ATTEMPT` if `attempt` is not a positive integer
 * @see "full jitter" in M. Brooker, Exponential Backoff And Jitter (2015)
 */
export function backoffMs(attempt: number, options: BackoffOptions = {}): number {
  const { baseMs = 20, capMs = 1000, random = systemRandom } = options
  if (!Number.isInteger(attempt) || attempt < 1) {
    throw new UsageError('BACKOFF_ATTEMPT', `attempt must be 1 or more, got ${attempt}`)
  }
  return Math.floor(random() * Math.min(capMs, baseMs * 2 ** (attempt - 1)))
}
