import type { MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { bodyTooLarge } from '../problem/catalogue.ts'
import { RefusedError } from '../problem/refusal.ts'

const MAX_BODY_BYTES = 1024 * 1024

/**
 * Reads the body to its end before a unit of work begins, so that a client that dribbles its bytes
 * holds no connection meanwhile. Handlers then find it in memory.
 */
export function readBody(): MiddlewareHandler {
  const limit = bodyLimit({
    maxSize: MAX_BODY_BYTES,
    onError: () => {
      throw new RefusedError(bodyTooLarge)
    },
  })
  return async (c, next) => {
    if (c.req.method === 'GET' || c.req.method === 'HEAD') return next()
    return limit(c, async () => {
      await c.req.text()
      await next()
    })
  }
}
