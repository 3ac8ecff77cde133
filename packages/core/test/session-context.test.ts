import { expect, test } from 'vitest'
import type { SessionOptions } from '../src/index.ts'
import { setup, setupBehindProxy, type World } from './setup.ts'

const single = { size: 1, overflow: 0 } as const
const read = "select current_setting('app.tenant', true) as tenant"
const nothing = async () => {}

/** A world whose engine is a role that the policy of `papers` binds: each tenant has its own rows. */
async function setupPolicies() {
  const role = `aquifer_tenant_${crypto.randomUUID().slice(0, 8)}`
  const t = await setup({ ...single, role })
  await t.witness(`create role ${role}`)
  await t.witness('create table papers (id int primary key, tenant text not null)')
  await t.witness('alter table papers enable row level security')
  await t.witness(
    "create policy own_rows on papers using (tenant = current_setting('app.tenant', true))",
  )
  await t.witness(`grant select, insert on papers to ${role}`)
  return {
    ...t,
    [Symbol.asyncDispose]: async () => {
      await t.engine.close()
      await t.witness(`drop owned by ${role}`)
      await t.witness(`drop role ${role}`)
      await t[Symbol.asyncDispose]()
    },
  }
}

/** What a session that is opened with these options inside one of tenant north comes to. */
const insideNorth = (t: World, options: SessionOptions) =>
  t.engine.session(() => t.engine.session(async ({ context }) => context, options), {
    context: { tenant: 'north' },
  })

test('policies read the context: each unit sees and writes the rows of its tenant', async () => {
  await using t = await setupPolicies()
  const add = (id: number, tenant: string, as: string) =>
    t.engine.session(
      (session) => session.query('insert into papers values ($1, $2)', [id, tenant]),
      {
        context: { tenant: as },
      },
    )
  await add(1, 'north', 'north')
  await add(2, 'south', 'south')
  await expect(add(3, 'south', 'north')).rejects.toMatchObject({ kind: 'permission' })
  const papers = (options: SessionOptions) =>
    t.engine.session(
      async (session) => (await session.query('select id from papers')).rows,
      options,
    )
  expect(await papers({ context: { tenant: 'north' } })).toEqual([{ id: 1 }])
  expect(await papers({ context: { tenant: 'south' } })).toEqual([{ id: 2 }])
  expect(await papers({ context: { tenant: "' or true --" } })).toEqual([])
  expect(await papers({})).toEqual([])
})

test('the next lease of the connection sees nothing of a context', async () => {
  await using t = await setup(single)
  await t.engine.session((session) => session.query(read), { context: { tenant: 'north' } })
  await using lease = await t.engine.acquire()
  const { rows } = await lease.query<{ tenant: string | null }>(read)
  expect([null, '']).toContain(rows[0]?.tenant)
  expect(t.engine.stats()).toMatchObject({ opened: 1, closed: 0 })
})

test('a context costs a statement in the flight of BEGIN, and its values are no text', async () => {
  await using t = await setupBehindProxy(single)
  const texts: string[] = []
  const unit = (options: SessionOptions) =>
    t.engine.session((session) => session.query('select 1'), options)
  await unit({})
  using plain = t.proxy.record()
  await unit({})
  const { flights, statements } = plain.counts
  using recording = t.proxy.record()
  t.engine.events.on('statement', ({ text }) => texts.push(text))
  await unit({ context: { tenant: 'north', actor: "o'hara" } })
  expect(recording.counts).toMatchObject({ flights, statements: statements + 1 })
  expect(texts[1]).toBe('select set_config($1, $2, true), set_config($3, $4, true)')
})

test('the context of a session can be read and not be changed', async () => {
  await using t = await setup()
  const given = { tenant: 'north' }
  await t.engine.session(
    async (session) => {
      given.tenant = 'south'
      expect(session.context).toEqual({ tenant: 'north' })
      expect(Object.isFrozen(session.context)).toBe(true)
      const { rows } = await session.savepoint((inner) => inner.query(read))
      expect(rows).toEqual([{ tenant: 'north' }])
    },
    { context: given },
  )
  expect(await t.engine.session(async ({ context }) => context)).toEqual({})
})

test.each([
  ['no context', {}],
  ['an equal one', { context: { tenant: 'north' } }],
  ['an equal one as a savepoint', { context: { tenant: 'north' }, propagation: 'nested' }],
] as const)('a session with %s joins', async (_title, options) => {
  await using t = await setup()
  expect(await insideNorth(t, options)).toEqual({ tenant: 'north' })
})

test.each([
  ['another value', { context: { tenant: 'south' } }, 'tenant'],
  ['one more entry', { context: { tenant: 'north', actor: 'ada' } }, 'actor'],
  ['one less', { context: {} }, 'tenant'],
  ['a savepoint of another', { context: { tenant: 'south' }, propagation: 'nested' }, 'tenant'],
] as const)('a session with %s may not join', async (_title, options, entry) => {
  await using t = await setup()
  await expect(insideNorth(t, options)).rejects.toMatchObject({
    code: 'SESSION_CONTEXT',
    kind: 'usage',
    message: expect.stringContaining(`differs in ${entry}`),
  })
})

test("propagation 'new' has a context of its own", async () => {
  await using t = await setup()
  expect(await insideNorth(t, { context: { tenant: 'south' }, propagation: 'new' })).toEqual({
    tenant: 'south',
  })
})

test('an attempt that is repeated has the context too', async () => {
  await using t = await setup()
  const seen: unknown[] = []
  await t.engine.transaction(
    async (session) => {
      seen.push(...(await session.query(read)).rows)
      if (session.attempt === 1) await session.query("do $$ begin raise sqlstate '40001'; end $$")
    },
    { retry: true, context: { tenant: 'north' } },
  )
  expect(seen).toEqual([{ tenant: 'north' }, { tenant: 'north' }])
})

test.each([
  ['a name with a quote', { "a'b": 'x' }, "a'b"],
  ['a name with a dot', { 'a.b': 'x' }, 'a.b'],
  ['a value that is no text', { tenant: undefined as never }, 'tenant'],
])('%s is refused by name', async (_title, context, entry) => {
  await using t = await setup()
  await expect(t.engine.session(nothing, { context })).rejects.toMatchObject({
    code: 'SESSION_CONTEXT_INVALID',
    message: expect.stringContaining(entry),
  })
})

test('an autocommit session refuses a context by name', async () => {
  await using t = await setup()
  await expect(
    t.engine.session(nothing, { mode: 'autocommit', context: { tenant: 'north' } }),
  ).rejects.toMatchObject({ code: 'SESSION_CONTEXT_AUTOCOMMIT' })
})

test('the prefix is the one of the profile', async () => {
  await using t = await setup({ contextPrefix: 'shop.' })
  const { rows } = await t.engine.session(
    (session) => session.query("select current_setting('shop.tenant') as tenant"),
    { context: { tenant: 'north' } },
  )
  expect(rows).toEqual([{ tenant: 'north' }])
})
