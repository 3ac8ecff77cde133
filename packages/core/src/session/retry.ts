import { isAquiferError } from '../errors/aquifer-error.ts'
import { backoffMs } from '../time/backoff.ts'
import { sleep } from '../time/clock.ts'
import type { Deadline } from '../time/deadline.ts'
import type { TransactionOptions } from './options.ts'

const DEFAULT_ATTEMPTS = 5
/** Failures that are nobody's fault and have undone the whole unit. */
const REPEATABLE: ReadonlySet<string> = new Set(['serialization', 'deadlock', 'connection'])

/** How often and how long a unit is repeated. */
export interface RetryPlan {
  readonly retry: TransactionOptions['retry']
  readonly deadline: Deadline
  readonly signal: AbortSignal | undefined
  /** Whether a failure may go away. @default isWorthRepeating */
  readonly isWorthIt?: (error: unknown) => boolean
}

/**
 * Runs `attempt` until it succeeds, fails for a reason that will not go away, or the attempts or the deadline run out; then
 * the last failure is thrown.
 */
export async function withRetry<T>(
  plan: RetryPlan,
  attempt: (number: number) => Promise<T>,
): Promise<T> {
  const { retry, deadline, signal, isWorthIt = isWorthRepeating } = plan
  const attempts = retry === true ? DEFAULT_ATTEMPTS : retry ? retry.attempts : 1
  for (let number = 1; ; number += 1) {
    try {
      return await attempt(number)
    } catch (error) {
      const waitMs = backoffMs(number)
      const mayRetry = number < attempts && isWorthIt(error) && signal?.aborted !== true
      if (!mayRetry || waitMs >= deadline.remainingMs) throw error
      await sleep(waitMs)
    }
  }
}

/** Whether the unit was undone by what may go away. */
export function isWorthRepeating(error: unknown): boolean {
  if (!isAquiferError(error)) return false
  if (error.outcome !== 'rolledBack') return false
  return REPEATABLE.has(error.kind) || error.code === 'COMMIT_LOST'
}
