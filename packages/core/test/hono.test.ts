import { type Context, Hono } from 'hono'
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
