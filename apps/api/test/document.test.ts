import { Validator } from '@seriousme/openapi-schema-validator'
import { expect, test } from 'vitest'
import { bodyOf, setup } from './setup.ts'

interface Operation {
  operationId?: string
  summary?: string
  security?: unknown[]
  requestBody?: unknown
  responses: Record<string, { content?: Record<string, unknown> }>
}

type Paths = Record<string, Record<string, Operation>>

async function documented() {
  await using t = await setup()
  const document = await bodyOf<{ paths: Paths }>(await t.get('/openapi.json'))
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: `${method} ${path}`,
      ...operation,
    })),
  )
  return { document, operations, routes: t.app.routes }
}

test('the document is valid OpenAPI', async () => {
  const { document } = await documented()

  expect(await new Validator().validate(document)).toMatchObject({ valid: true })
})

test('every route is documented, with an operation of its own', async () => {
  const { operations, routes } = await documented()
  const served = routes
    .filter(({ method, path }) => method !== 'ALL' && path !== '/docs/scalar.js')
    .map(({ method, path }) => `${method.toLowerCase()} ${path.replaceAll(/:(\w+)/g, '{$1}')}`)

  expect(operations.map(({ name }) => name).sort()).toEqual([...new Set(served)].sort())
  const ids = operations.map(({ operationId }) => operationId)
  expect(new Set(ids).size).toBe(operations.length)
  expect(ids).not.toContain(undefined)
})

test('every refusal is documented as a problem, where it can occur', async () => {
  const { operations } = await documented()

  for (const { name, security, requestBody, responses } of operations) {
    const refusals = Object.entries(responses).filter(([status]) => Number(status) >= 400)
    for (const [, { content }] of refusals) {
      expect(Object.keys(content ?? {}), name).toEqual(['application/problem+json'])
    }
    const statuses = refusals.map(([status]) => status)
    if (security) expect(statuses, name).toContain('401')
    if (requestBody)
      expect(statuses, name).toEqual(expect.arrayContaining(['400', '413', '415', '422']))
    if (name.includes('{')) expect(statuses, name).toEqual(expect.arrayContaining(['404', '422']))
  }
})

test('the page for people loads nothing from elsewhere', async () => {
  await using t = await setup()

  const page = await t.get('/docs')
  const html = await page.text()
  const script = await t.get('/docs/scalar.js')

  const sources = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => source)
  expect(sources).toEqual(['/docs/scalar.js'])
  expect(page.headers.get('content-security-policy')).toContain("connect-src 'self'")
  const nonce = page.headers.get('content-security-policy')?.match(/'nonce-([^']+)'/)?.[1]
  expect(html.match(/<(script|style)/g)).toHaveLength(html.split(`nonce="${nonce}"`).length - 1)
  expect(script.headers.get('content-type')).toMatch(/^text\/javascript/)
  expect(await script.text()).toContain('createApiReference')
})

test('the script of the page is sent once and then only asked about', async () => {
  await using t = await setup()
  const etag = (await t.get('/docs/scalar.js')).headers.get('etag') ?? ''

  const again = await t.app.request('/docs/scalar.js', { headers: { 'if-none-match': etag } })

  expect(again.status).toBe(304)
})
