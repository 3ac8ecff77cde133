import { OpenAPIHono } from '@hono/zod-openapi'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { requestId } from 'hono/request-id'
import { secureHeaders } from 'hono/secure-headers'
import { describeApi, registerSecurity } from './api-document.ts'
import type { AppEnv } from './app-env.ts'
import type { AppParts } from './app-parts.ts'
import { accessLog } from './middleware/access-log.ts'
import { readBody } from './middleware/body.ts'
import { requestDeadline } from './middleware/deadline.ts'
import { closeWhenDraining } from './middleware/draining.ts'
import { answerError, answerMethodNotAllowed, answerNotFound } from './middleware/problem.ts'
import { requestMetrics } from './middleware/request-metrics.ts'
import { requestSession } from './middleware/session.ts'
import { refuseInvalidInput } from './problem/invalid-input.ts'
import { authRoutes } from './routes/auth.ts'
import { commentRoutes } from './routes/comments.ts'
import { docsRoutes } from './routes/docs.ts'
import { healthRoutes } from './routes/health.ts'
import { metricsRoutes } from './routes/metrics.ts'
import { postRoutes } from './routes/posts.ts'
import { userRoutes } from './routes/users.ts'

const ANSWER_WITHIN_MS = 10_000

/**
 * The HTTP API over these parts. It listens to nothing: main serves it, tests call `app.request`.
 * Requests pass through the list from top to bottom, answers from bottom to top.
 */
export function createApp(parts: AppParts): OpenAPIHono<AppEnv> {
  const { engine, logger, metrics, shutdown, answerWithinMs = ANSWER_WITHIN_MS } = parts
  const app = new OpenAPIHono<AppEnv>({ defaultHook: refuseInvalidInput })
  app.onError(answerError)
  app.notFound(answerNotFound)
  registerSecurity(app)

  app.use(requestId({ limitLength: 128 }))
  app.use(accessLog(logger))
  app.use(requestMetrics(metrics))
  app.use(secureHeaders({ contentSecurityPolicy: { defaultSrc: ["'none'"] }, overwrite: false }))
  app.use(methodNotAllowed({ app, onMethodNotAllowed: answerMethodNotAllowed }))
  app.use(closeWhenDraining(shutdown))
  app.use(requestDeadline({ workMs: engine.profile.deadlineMs, answerMs: answerWithinMs }))

  app.route('/', healthRoutes(parts))
  app.route('/', metricsRoutes(parts))
  app.route(
    '/',
    docsRoutes(() => describeApi(app)),
  )

  app.use(readBody())
  app.use(requestSession(engine))

  app.route('/', authRoutes(parts))
  app.route('/', userRoutes(parts))
  app.route('/', postRoutes(parts))
  app.route('/', commentRoutes(parts))
  return app
}
