import { type Context, Hono } from 'hono'
import { stream } from 'hono/streaming'
import { expect, test } from 'vitest'
import { type SessionVariables, sessionPerRequest } from '../src/hono/index.ts'
import { setup, type TestDatabaseTypes, type World } from './setup.ts'

function appOver(t: World) {
  const app = new Hono<{ Variables: SessionVariables<TestDatabaseTypes> }>()
  app.use(sessionPerRequest(t.engine))
  app.post('/notes/:id/:status', async (c) => {
    await c.var.db
      .insertInto('notes')
      .values({ id: Number(c.req.param('id')), someText: 'x' })
      .execute()
    if (c.req.param('status') === 'throw') throw new Error('thrown')
    return c.body(null, Number(c.req.param('status')) as 200)
  })
  app.get('/isolation', async (c) =>
    c.json((await c.var.session.query('show transaction_isolation')).rows),
  )
  app.get('/snapshot', sessionPerRequest(t.engine, { mode: 'snapshot' }), async (c) =>
    c.json((await c.var.session.query('show transaction_isolation')).rows),
  )
  app.get('/held', async (c) => {
    await c.var.db.selectFrom('notes').selectAll().execute()
    return c.json(t.engine.stats().inUse)
  })
  return app
}

const count = async (t: World) => (await t.witness('select count(*)::int as n from notes'))[0]?.n

test('a write is committed when the response is there', async () => {
  await using t = await setup()
  const response = await appOver(t).request('/notes/1/200', { method: 'POST' })
  expect(response.status).toBe(200)
  expect(await count(t)).toBe(1)
})

test.each(['400', '404', '500', 'throw'])(
  'a write that ends in %s is rolled back',
  async (status) => {
    await using t = await setup()
    const response = await appOver(t).request(`/notes/1/${status}`, { method: 'POST' })
    expect(response.status).toBe(status === 'throw' ? 500 : Number(status))
    expect(await count(t)).toBe(0)
  },
)

test('a response to a failed part of the request is kept, and nothing is committed', async () => {
  await using t = await setup()
  const app = new Hono<{ Variables: SessionVariables<TestDatabaseTypes> }>()
  app.use(sessionPerRequest(t.engine))
  app.onError((error, c) => c.text(error.message, 409))
  app.post('/notes', () =>
    t.engine.transaction(async ({ db }) => {
      await db.insertInto('notes').values({ id: 1, someText: 'x' }).execute()
      throw new Error('taken')
    }),
  )
  const response = await app.request('/notes', { method: 'POST' })
  expect([response.status, await response.text()]).toEqual([409, 'taken'])
  expect(await count(t)).toBe(0)
})

test('a GET runs without a transaction and holds no lease between statements', async () => {
  await using t = await setup()
  expect(await (await appOver(t).request('/held')).json()).toBe(0)
  expect(await (await appOver(t).request('/isolation')).json()).toEqual([
    { transaction_isolation: 'read committed' },
  ])
})

test('a route that says snapshot reads at repeatable read', async () => {
  await using t = await setup()
  expect(await (await appOver(t).request('/snapshot')).json()).toEqual([
    { transaction_isolation: 'repeatable read' },
  ])
})

test('a route with a context has a transaction that holds it, for reads too', async () => {
  await using t = await setup()
  const app = new Hono<{ Variables: SessionVariables<TestDatabaseTypes> }>()
  app.use(
    sessionPerRequest(t.engine, {
      context: (c: Context) => ({ tenant: c.req.header('tenant') ?? '' }),
    }),
  )
  app.get('/', async (c) =>
    c.json((await c.var.session.query("select current_setting('app.tenant') as tenant")).rows),
  )
  const response = await app.request('/', { headers: { tenant: 'north' } })
  expect(await response.json()).toEqual([{ tenant: 'north' }])
})

test('a failing COMMIT is not a success', async () => {
  await using t = await setup()
  await t.witness(
    'alter table notes add constraint once unique (some_text) deferrable initially deferred',
  )
  const app = appOver(t)
  expect((await app.request('/notes/1/200', { method: 'POST' })).status).toBe(200)
  expect((await app.request('/notes/2/200', { method: 'POST' })).status).toBe(500)
  expect(await count(t)).toBe(1)
})

test('a route that streams opens a session of its own, and nobody else waits for its reader', async () => {
  await using t = await setup({ size: 2, overflow: 0 })
  await t.witness("insert into notes select n, 'n' from generate_series(1, 50) n")
  const app = appOver(t)
  app.get('/export', (c) =>
    stream(c, (out) =>
      t.engine.session(async ({ db }) => {
        const rows = db.selectFrom('notes').select('id').orderBy('id').stream(10)
        for await (const { id } of rows) await out.write(`${id}\n`)
      }),
    ),
  )
  const response = await app.request('/export')
  const reader = response.body?.getReader()
  const first = await reader?.read()
  expect(new TextDecoder().decode(first?.value)).toBe('1\n')
  expect(await (await app.request('/held')).json()).toBe(1)
  let rest = ''
  for (let piece = await reader?.read(); piece?.done === false; piece = await reader?.read())
    rest += new TextDecoder().decode(piece.value)
  expect(rest.trim().split('\n')).toHaveLength(49)
  await expect.poll(() => t.engine.stats().inUse).toBe(0)
})

test('a lease is not held while a client reads the response', async () => {
  await using t = await setup({ size: 1, overflow: 0 })
  const app = appOver(t)
  app.post('/report', async (c) => {
    await c.var.db.insertInto('notes').values({ id: 1, someText: 'x' }).execute()
    return c.body(new ReadableStream({ pull: (out) => out.enqueue(new Uint8Array(1_024)) }))
  })
  const response = await app.request('/report', { method: 'POST' })
  const reader = response.body?.getReader()
  await reader?.read()
  expect(t.engine.stats().inUse).toBe(0)
  expect(await count(t)).toBe(1)
  await reader?.cancel()
})
