import { Deadline } from '@aquifer/core'
import type { MiddlewareHandler } from 'hono'
import { timeout } from 'hono/timeout'
import type { AppEnv } from '../app-env.ts'

/** The time that one request has. */
export interface RequestLimits {
  /** For everything that asks the database, counted from the arrival of the request. */
  readonly workMs: number
  /** For the answer. Above `workMs`, so that what ran out of time can still say so in its own words. */
  readonly answerMs: number
}

/**
 * Gives the request its deadline. When `answerMs` is over it is answered for whatever still runs,
 * and the session rolls back: by then its response is a refusal.
 */
export function requestDeadline({ workMs, answerMs }: RequestLimits): MiddlewareHandler<AppEnv> {
  const answerInTime = timeout(answerMs)
  return (c, next) => {
    c.set('deadline', Deadline.after(workMs))
    return answerInTime(c, next)
  }
}
