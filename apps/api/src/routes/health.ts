import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import type { AppEnv } from '../app-env.ts'
import type { AppParts } from '../app-parts.ts'
import { problems } from '../problem/document.ts'
import { RefusedError, refusal } from '../problem/refusal.ts'
import { json } from '../schema/fields.ts'

const draining = refusal(503, 'DRAINING', 'The process is stopping and takes no new requests.')
const databaseDown = refusal(503, 'DATABASE_DOWN', 'The database does not answer.', {
  retryAfterSeconds: 1,
})

const liveSchema = z.object({ status: z.literal('live') }).openapi('Live')

const readySchema = z
  .object({
    status: z.literal('ready'),
    database: z.object({
      latencyMs: z.number().openapi({ example: 0.8 }),
      serverVersion: z.string().openapi({ example: '18.4' }),
    }),
    pool: z.object({ inUse: z.int(), idle: z.int(), waiting: z.int(), limit: z.int() }),
  })
  .openapi('Ready')

const live = createRoute({
  operationId: 'readLiveness',
  method: 'get',
  path: '/health/live',
  tags: ['operations'],
  summary: 'Does the process run?',
  description: 'Asks nobody else: a restart cures no other part.',
  responses: { 200: json('It does.', liveSchema) },
})

const ready = createRoute({
  operationId: 'readReadiness',
  method: 'get',
  path: '/health/ready',
  tags: ['operations'],
  summary: 'Can it serve requests now?',
  responses: {
    200: json('It can: the database answered.', readySchema),
    ...problems(draining, databaseDown),
  },
})

export function healthRoutes({ engine, shutdown }: AppParts): OpenAPIHono<AppEnv> {
  return new OpenAPIHono<AppEnv>()
    .openapi(live, (c) => c.json({ status: 'live' as const }, 200))
    .openapi(ready, async (c) => {
      if (shutdown.aborted) throw new RefusedError(draining)
      const { ok, latencyMs, serverVersion = '', pool, error } = await engine.health()
      if (!ok) throw new RefusedError(databaseDown, { cause: error })
      const { inUse, idle, waiting, limit } = pool
      const database = { latencyMs: Math.round(latencyMs * 10) / 10, serverVersion }
      return c.json(
        { status: 'ready' as const, database, pool: { inUse, idle, waiting, limit } },
        200,
      )
    })
}
