import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { AppEnv } from '../app-env.ts'
import { clientGone, methodNotAllowed, notFound } from '../problem/catalogue.ts'
import { PROBLEM_MEDIA_TYPE, problemOf } from '../problem/document.ts'
import { refusedBy } from '../problem/from-error.ts'
import { RefusedError } from '../problem/refusal.ts'

/** Whatever was thrown, as problem+json: what the client may know of it. The access log has the rest. */
export function answerError(error: Error, c: Context<AppEnv>): Response {
  const clientLeft = c.req.raw.signal.aborted
  return answer(c, clientLeft ? new RefusedError(clientGone, { cause: error }) : refusedBy(error))
}

/** No route has this address. */
export function answerNotFound(c: Context<AppEnv>): Response {
  return answer(c, new RefusedError(notFound))
}

/** A route has this address, with other methods. */
export function answerMethodNotAllowed(c: Context, methods: readonly string[]): Response {
  return answer(c, new RefusedError(methodNotAllowed, { headers: { allow: methods.join(', ') } }))
}

function answer(c: Context<AppEnv>, refused: RefusedError): Response {
  c.set('refused', refused)
  const { refusal, errors, headers } = refused
  const problem = problemOf(refusal, c.var.requestId, errors)
  return c.body(JSON.stringify(problem), refusal.status as ContentfulStatusCode, {
    ...headers,
    'content-type': PROBLEM_MEDIA_TYPE,
    'cache-control': 'no-store',
  })
}
