import { Hono } from 'hono'
import { expect, test } from 'vitest'
import type { AppEnv } from '../app-env.ts'
import { readBody } from './body.ts'
import { answerError } from './problem.ts'

function setup() {
  const app = new Hono<AppEnv>()
  app.onError(answerError)
  app.use(readBody())
  app.all('/', async (c) => c.text(String((await c.req.text()).length)))
  return app
}

function streamOf(...chunks: string[]): ReadableStream {
  return ReadableStream.from(chunks.map((chunk) => new TextEncoder().encode(chunk)))
}

test('a body of a mebibyte arrives whole, with or without an announced length', async () => {
  const app = setup()
  const half = 'x'.repeat(512 * 1024)
  const announced = { 'content-length': String(2 * half.length) }

  const plain = await app.request('/', { method: 'POST', body: half + half, headers: announced })
  const streamed = await app.request('/', {
    method: 'POST',
    body: streamOf(half, half),
    duplex: 'half',
  } as RequestInit)

  expect(await plain.text()).toBe('1048576')
  expect(await streamed.text()).toBe('1048576')
})

test.each([
  ['announced', { body: 'x', headers: { 'content-length': '1048577' } }],
  ['streamed', { body: streamOf('x'.repeat(1024 * 1024), 'x'), duplex: 'half' }],
])('a larger body that is %s is refused', async (_, init) => {
  const response = await setup().request('/', { method: 'POST', ...init } as RequestInit)

  expect(response.status).toBe(413)
  expect(await response.json()).toMatchObject({ code: 'BODY_TOO_LARGE' })
})
