import type { OpenAPIHono } from '@hono/zod-openapi'
import manifest from '../package.json' with { type: 'json' }
import type { AppEnv } from './app-env.ts'

/** An OpenAPI 3.1 document, as Hono's generator makes it. */
export type ApiDocument = ReturnType<OpenAPIHono['getOpenAPI31Document']>

/** Every route that `app` has by now, as an OpenAPI document. */
export function describeApi(app: OpenAPIHono<AppEnv>): ApiDocument {
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Aquifer reference API',
      version: manifest.version,
      license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
      description:
        'Users write posts and comment on them. Refusals are problem details (RFC 9457); branch on `code`. Instants are in UTC.',
    },
    servers: [{ url: '/' }],
    tags: [
      { name: 'auth', description: 'Register and log in.' },
      { name: 'users', description: 'Who is here.' },
      { name: 'posts', description: 'Drafts, seen by their author, and published posts.' },
      { name: 'comments', description: 'What others say about a post.' },
      { name: 'operations', description: 'For the people who run this.' },
    ],
  })
}

/** The ways to prove who one is; routes name them in `security`. */
export function registerSecurity(app: OpenAPIHono<AppEnv>): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'accessToken', {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'From register or log in; good for an hour.',
  })
}
