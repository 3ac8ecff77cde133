import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import type { AppEnv } from '../app-env.ts'
import type { AppParts } from '../app-parts.ts'

const read = createRoute({
  operationId: 'readMetrics',
  method: 'get',
  path: '/metrics',
  tags: ['operations'],
  summary: 'Numbers for Prometheus',
  responses: {
    200: {
      description: 'The text exposition format.',
      content: { 'text/plain': { schema: z.string() } },
    },
  },
})

export function metricsRoutes({ metrics: { registry } }: AppParts): OpenAPIHono<AppEnv> {
  return new OpenAPIHono<AppEnv>().openapi(read, async (c) =>
    c.text(await registry.metrics(), 200, { 'content-type': registry.contentType }),
  )
}
