import type { AppEngine } from '@app/db'
import { sessionPerRequest } from '@aquifer/core/hono'
import type { MiddlewareHandler } from 'hono'
import type { AppEnv } from '../app-env.ts'

/** One unit of work per request: a transaction for writes, statement by statement for reads. */
export function requestSession(engine: AppEngine): MiddlewareHandler<AppEnv> {
  return sessionPerRequest(engine, { deadline: (c) => c.var.deadline })
}

/** For a route whose reads have to agree: all of them see the data as of one moment. */
export function snapshot(engine: AppEngine): MiddlewareHandler<AppEnv> {
  return sessionPerRequest(engine, { mode: 'snapshot', deadline: (c) => c.var.deadline })
}
