import type { MiddlewareHandler } from 'hono'
import { routePath } from 'hono/route'
import type { Level, Logger } from 'pino'
import type { AppEnv } from '../app-env.ts'
import type { RefusedError } from '../problem/refusal.ts'

/** Asked for every few seconds by machines; of no interest unless they fail. */
const ROUTINE = /^\/(health|metrics)/

/**
 * One line per request, with the code of a refusal and the error behind it, if there is one. Query strings and headers stay out: they can hold anything.
 */
export function accessLog(logger: Logger): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const startedAt = performance.now()
    const log = logger.child({ requestId: c.var.requestId })
    c.set('log', log)
    await next()

    const { status } = c.res
    const { method, path } = c.req
    const durationMs = Math.round((performance.now() - startedAt) * 10) / 10
    const line = {
      method,
      path,
      route: routePath(c),
      status,
      durationMs,
      ...reasonOf(c.var.refused),
    }
    log[levelOf(status, path)](line, 'request')
  }
}

function reasonOf(refused: RefusedError | undefined): { code?: string; err?: unknown } {
  if (refused === undefined) return {}
  const { refusal, cause } = refused
  return { code: refusal.code, ...(cause !== undefined && { err: cause }) }
}

function levelOf(status: number, path: string): Level {
  if (status >= 500) return 'error'
  return ROUTINE.test(path) ? 'debug' : 'info'
}
