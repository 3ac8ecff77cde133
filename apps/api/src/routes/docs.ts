import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { OpenAPIHono, type RouteConfig, z } from '@hono/zod-openapi'
import { Scalar } from '@scalar/hono-api-reference'
import { compress } from 'hono/compress'
import { etag } from 'hono/etag'
import { NONCE, secureHeaders } from 'hono/secure-headers'
import type { ApiDocument } from '../api-document.ts'
import type { AppEnv } from '../app-env.ts'
import { json } from '../schema/fields.ts'

const DOCUMENT_PATH = '/openapi.json'
const PAGE_PATH = '/docs'
const SCRIPT_PATH = '/docs/scalar.js'

const readDocument: RouteConfig = {
  operationId: 'readDocument',
  method: 'get',
  path: DOCUMENT_PATH,
  tags: ['operations'],
  summary: 'This API as an OpenAPI 3.1 document',
  responses: {
    200: json(
      'The document.',
      z.looseObject({ openapi: z.string().openapi({ example: '3.1.0' }) }),
    ),
  },
}

const readPage: RouteConfig = {
  operationId: 'readDocs',
  method: 'get',
  path: PAGE_PATH,
  tags: ['operations'],
  summary: 'This API as a page for people',
  responses: {
    200: { description: 'The page.', content: { 'text/html': { schema: z.string() } } },
  },
}

/** The document and its page. Everything is served from here: the page asks no other host for anything. */
export function docsRoutes(document: () => ApiDocument): OpenAPIHono<AppEnv> {
  const page = Scalar<AppEnv>((c) => ({
    pageTitle: 'Aquifer API',
    url: DOCUMENT_PATH,
    cdn: SCRIPT_PATH,
    nonce: c.get('secureHeadersNonce') ?? '',
    withDefaultFonts: false,
    telemetry: false,
    hideClientButton: true,
    showDeveloperTools: 'never',
    authentication: { preferredSecurityScheme: 'accessToken' },
    agent: { disabled: true },
    mcp: { disabled: true },
  }))
  let generated: ApiDocument | undefined
  let script: Promise<Uint8Array<ArrayBuffer>> | undefined

  const app = new OpenAPIHono<AppEnv>()
  app.openAPIRegistry.registerPath(readDocument)
  app.get(DOCUMENT_PATH, (c) => {
    generated ??= document()
    return c.json(generated)
  })
  app.openAPIRegistry.registerPath(readPage)
  app.get(PAGE_PATH, pageHeaders(), page)
  app.get(SCRIPT_PATH, compress(), etag(), async (c) => {
    script ??= readFile(scriptFile())
    return c.body(await script, 200, {
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=86400',
    })
  })
  return app
}

/** The one page with scripts: its own, and the line that starts them, by nonce. */
function pageHeaders() {
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'", NONCE],
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", 'data:', 'blob:'],
      fontSrc: ["'self'", 'data:'],
      connectSrc: ["'self'"],
      frameAncestors: ["'none'"],
      baseUri: ["'none'"],
    },
  })
}

/** The bundle that @scalar/api-reference brings for browsers. */
function scriptFile(): string {
  const entry = createRequire(import.meta.url).resolve('@scalar/api-reference')
  return join(dirname(entry), 'browser/standalone.js')
}
