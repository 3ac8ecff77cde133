import { setTimeout as delay } from 'node:timers/promises'
import { CancelledError, isAquiferError } from '@aquifer/core'

/** How often to try again when a lock is not free within lock_timeout. */
export interface LockRetryOptions {
  /** How often a revision is tried. @default 10 */
  readonly lockAttempts?: number
  /** The first pause between two attempts, in milliseconds; it doubles each time, up to 30 s. @default 1_000 */
  readonly lockPauseMs?: number
}

const LONGEST_PAUSE_MS = 30_000

/**
 * The pause after an attempt, of which a random half is left out: all that queued up behind the statement runs in it.
 *
 * @param attempt the one that has failed; the first is 1
 */
export function lockPauseMs(
  attempt: number,
  { lockPauseMs: first = 1_000 }: LockRetryOptions,
): number {
  const full = Math.min(LONGEST_PAUSE_MS, first * 2 ** (attempt - 1))
  return Math.round(full * (0.5 + Math.random() / 2))
}

/** Whether an error, or what it was caused by, is a lock that was not free in time. */
export function isLockTimeout(error: unknown): boolean {
  if (isAquiferError(error) && error.code === 'LOCK_TIMEOUT') return true
  return error instanceof Error && error.cause !== undefined && isLockTimeout(error.cause)
}

/** @throws {CancelledError} `CANCELLED` if the signal fires first */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch((cause: unknown) => {
    throw new CancelledError('the caller gave up between two attempts', { cause })
  })
}
