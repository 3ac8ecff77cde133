import { setTimeout as delay } from 'node:timers/promises'
import type { JobLogger } from '../job-logger.ts'

/** What a drain works on; worker.ts fills it in. */
export interface Draining {
  /** Jobs that are being run. */
  readonly active: () => number
  /** Takes no new jobs. */
  readonly pause: () => Promise<void>
  /** Resolves when no job is being run. */
  readonly idle: () => Promise<void>
  /** Aborts the signals of running jobs. */
  readonly abort: () => void
  /** Lets go of the queue's connections; `force` leaves jobs that still run to the next worker. */
  readonly close: (force: boolean) => Promise<void>
  readonly logger: JobLogger
}

/** How patient a drain is. */
export interface DrainOptions {
  /** How long running jobs may take to end by themselves. @default 10 seconds */
  readonly drainMs?: number
  /**
   * How long they may take to end after they were aborted, and connections to close. @default 2
   * seconds
   */
  readonly graceMs?: number
}

/**
 * Stops within `drainMs` and three times `graceMs`: no new jobs, time for the running ones, then
 * their signals abort and they go back into the queue; whatever does not listen is left behind and
 * runs again elsewhere.
 */
export async function drain(parts: Draining, options: DrainOptions = {}): Promise<void> {
  const { drainMs = 10_000, graceMs = 2_000 } = options
  const { active, pause, idle, abort, close, logger } = parts
  await within(graceMs, pause())
  if (!(await within(drainMs, idle()))) {
    logger.warn(
      { jobs: active() },
      'jobs still run at the end of the drain; they are aborted and go back into the queue',
    )
    abort()
    await within(graceMs, idle())
  }
  const left = active()
  if (left > 0)
    logger.error(
      { jobs: left },
      'jobs did not listen to their signal; they run again when their locks expire',
    )
  await within(graceMs, close(left > 0))
}

/** Whether `work` settled within the limit. */
async function within(limitMs: number, work: Promise<unknown>): Promise<boolean> {
  const over = new AbortController()
  const settled = work.then(
    () => true,
    () => true,
  )
  const limit = delay(limitMs, false, { signal: over.signal }).catch(() => false)
  const result = await Promise.race([settled, limit])
  over.abort()
  return result
}
