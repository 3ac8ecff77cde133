import type { MiddlewareHandler } from 'hono'

/** Once the process stops, each answer is the last one of its connection. */
export function closeWhenDraining(shutdown: AbortSignal): MiddlewareHandler {
  return async (c, next) => {
    await next()
    if (shutdown.aborted) c.header('connection', 'close')
  }
}
