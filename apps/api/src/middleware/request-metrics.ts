import type { MiddlewareHandler } from 'hono'
import { routePath } from 'hono/route'
import type { Metrics } from '../metrics.ts'

/** Times each answer. What no route answered shares one label, so that a scan of addresses adds no series. */
export function requestMetrics({ requestSeconds }: Metrics): MiddlewareHandler {
  return async (c, next) => {
    const stop = requestSeconds.startTimer()
    await next()
    const route = routePath(c)
    stop({
      method: c.req.method,
      route: route.endsWith('*') ? 'none' : route,
      status: String(c.res.status),
    })
  }
}
