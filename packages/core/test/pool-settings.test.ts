import { openFaultProxy } from '@aquifer/embedded'
import { expect, test } from 'vitest'
import { createEngine, type Profile } from '../src/index.ts'
import { next, note, setup, setupBehindProxy, type World } from './setup.ts'

const single = { size: 1, overflow: 0 } as const

/** The process id of a connection that is lent and given back. */
async function borrow({ engine }: World): Promise<number> {
  await using lease = await engine.acquire()
  return lease.backendPid
}

/** Connections of the engine as the server sees them. */
const onServer = (t: World) =>
  t.witness(
    "select pid from pg_stat_activity where datname = current_database() and application_name like 'test:%'",
  )

test('minimum connections are opened with the first use, kept through idle times, and come back when they break', async () => {
  await using t = await setup({
    size: 3,
    overflow: 0,
    minimum: 2,
    idleTimeoutMs: 20,
    maxLifetimeMs: 2 ** 30,
  })
  expect(t.engine.stats().total).toBe(0)
  await borrow(t)
  await expect.poll(() => t.engine.stats()).toMatchObject({ total: 2, idle: 2 })
  const leases = [await t.engine.acquire(), await t.engine.acquire(), await t.engine.acquire()]
  const kept = leases.map(({ backendPid }) => backendPid)
  const closed = next(t.engine, 'close')
  for (const lease of leases) lease.release()
  expect(await closed).toMatchObject({ reason: 'idle' })
  await expect.poll(() => t.engine.stats()).toMatchObject({ total: 2, closed: 1 })
  for (const { pid } of await onServer(t)) await t.witness('select pg_terminate_backend($1)', [pid])
  await expect
    .poll(async () => (await onServer(t)).filter(({ pid }) => !kept.includes(Number(pid))))
    .toHaveLength(2)
})

test('an idle connection above the minimum is closed after idleTimeoutMs', async () => {
  await using t = await setup({ size: 3, overflow: 0, idleTimeoutMs: 20 })
  await borrow(t)
  expect(await next(t.engine, 'close')).toMatchObject({ reason: 'idle' })
  expect(t.engine.stats().total).toBe(0)
  await expect.poll(() => onServer(t)).toHaveLength(0)
})

test('a connection is replaced after maxUses loans', async () => {
  await using t = await setup({ ...single, maxUses: 2 })
  const pids = []
  for (let n = 0; n < 6; n += 1) pids.push(await borrow(t))
  expect(new Set(pids).size).toBe(3)
  expect(pids[0]).toBe(pids[1])
  expect(pids[2]).toBe(pids[3])
})

test.each(['lifo', 'fifo'] as const)(
  'with %s the idle connections are lent in that order',
  async (order) => {
    await using t = await setup({ size: 2, overflow: 0, order })
    const [first, second] = [await t.engine.acquire(), await t.engine.acquire()]
    const came = [first.backendPid, second.backendPid]
    first.release()
    second.release()
    const again = [await t.engine.acquire(), await t.engine.acquire()]
    const lent = again.map(({ backendPid }) => backendPid)
    for (const lease of again) lease.release()
    expect(lent).toEqual(order === 'fifo' ? came : came.toReversed())
  },
)

test('invalidate() retires idle connections at once and leased ones when they come back', async () => {
  await using t = await setup({ size: 2, overflow: 0 })
  const [idle, leased] = [await t.engine.acquire(), await t.engine.acquire()]
  idle.release()
  const closed = next(t.engine, 'close')
  const invalidated = next(t.engine, 'invalidate')
  t.engine.invalidate()
  expect(await invalidated).toEqual({ connections: 1 })
  expect(await closed).toMatchObject({ reason: 'invalidated', backendPid: idle.backendPid })
  expect((await leased.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  const returned = next(t.engine, 'close')
  leased.release()
  expect(await returned).toMatchObject({ reason: 'invalidated', backendPid: leased.backendPid })
  expect([idle.backendPid, leased.backendPid]).not.toContain(await borrow(t))
})

test('onConnect is awaited once per connection, and what it sets stays', async () => {
  const prepared: number[] = []
  const ready = Promise.withResolvers<void>()
  await using t = await setup({
    ...single,
    onConnect: async ({ query, backendPid }) => {
      await query("select set_config('test.from', $1, false)", ['hook'])
      prepared.push(backendPid)
      await ready.promise
    },
  })
  let lent = false
  const first = borrow(t).finally(() => {
    lent = true
  })
  await expect.poll(() => prepared).toHaveLength(1)
  expect(lent).toBe(false)
  ready.resolve()
  expect(await first).toBe(prepared[0])
  expect(await borrow(t)).toBe(prepared[0])
  const { rows } = await t.engine.pool.query("select current_setting('test.from') as value")
  expect(rows).toEqual([{ value: 'hook' }])
  expect(prepared).toHaveLength(1)
  t.engine.invalidate()
  expect(await borrow(t)).toBe(prepared[1])
})

test('a connection whose onConnect fails is closed and lent to nobody', async () => {
  let failing = true
  await using t = await setup({
    ...single,
    onConnect: () => {
      if (failing) throw new Error('the hook failed')
    },
  })
  await expect(t.engine.acquire()).rejects.toMatchObject({
    code: 'CONNECTION_FAILED',
    message: expect.stringContaining('onConnect'),
    cause: { message: 'the hook failed' },
  })
  await expect.poll(() => onServer(t)).toHaveLength(0)
  failing = false
  expect(await borrow(t)).toBeGreaterThan(0)
})

test("reset: 'always' leaves nothing of the last holder, and everything of the profile", async () => {
  const settings: Partial<Profile> = {
    ...single,
    reset: 'always',
    searchPath: ['public', 'pg_catalog'],
    role: 'pg_monitor',
    onConnect: async ({ query }) => void (await query("set work_mem = '1234kB'")),
  }
  await using t = await setup(settings)
  await t.witness(
    "create function sets() returns text language sql as $$ select set_config('search_path', 'pg_catalog', false) $$",
  )
  const state = async () => {
    const { rows } = await t.engine.pool.query(
      `select pg_backend_pid() as pid, current_user as role, session_user <> current_user as changed, current_setting('search_path') as path,
        current_setting('work_mem') as memory, current_setting('statement_timeout') as statement, current_setting('application_name') as name`,
    )
    return rows[0]
  }
  const before = await state()
  expect(before).toMatchObject({
    role: 'pg_monitor',
    changed: true,
    path: 'public,pg_catalog',
    memory: '1234kB',
    statement: '5s',
  })
  const reset = next(t.engine, 'reset')
  await t.engine.pool.query('select public.sets()')
  expect(await state()).toEqual(before)
  expect(await reset).toEqual({ backendPid: before?.pid })
})

test('without it a connection is not reset between clean loans', async () => {
  await using t = await setupBehindProxy(single)
  await borrow(t)
  using recording = t.proxy.record()
  for (let n = 0; n < 3; n += 1) await borrow(t)
  expect(recording.counts.statements).toBe(0)
})

test('role and searchPath may have any name', async () => {
  await using t = await setup()
  const [database] = await t.witness('select current_database() as name')
  const role = `Odd "role" \\ of ${database?.name}`
  const quoted = `"${role.replaceAll('"', '""')}"`
  await t.witness(
    `create role ${quoted}; create schema "my, ""Schema"""; grant usage on schema "my, ""Schema""" to ${quoted}`,
  )
  {
    const profile = { ...t.engine.profile, role, searchPath: ['my, "Schema"', 'public'] }
    await using engine = createEngine({ profile })
    const { rows } = await engine.pool.query(
      'select current_user as role, current_schemas(false)::text[] as path',
    )
    expect(rows).toEqual([{ role, path: ['my, "Schema"', 'public'] }])
  }
  await t.witness(`drop owned by ${quoted}; drop role ${quoted}`)
})

const read = ({ engine }: World) => engine.db.selectFrom('notes').selectAll().execute()
const write = ({ engine }: World) =>
  engine.db
    .insertInto('notes')
    .values(note(1))
    .onConflict((on) => on.doNothing())
    .execute()
const begin = ({ engine }: World) =>
  engine.session(({ db }) => db.selectFrom('notes').selectAll().execute())

/** Statements on the wire; a ping is one with an empty text. */
test.each([
  ['auto', 'a lively connection', 60_000, { read: 1, write: 1, begin: 3 }],
  ['auto', 'a silent connection', 0, { read: 1, write: 2, begin: 3 }],
  ['always', 'any connection', 60_000, { read: 2, write: 2, begin: 4 }],
  ['never', 'a silent connection', 0, { read: 1, write: 1, begin: 3 }],
] as const)(
  "prePing '%s' on %s sends no more than it has to",
  async (prePing, _what, livenessAfterMs, expected) => {
    await using t = await setupBehindProxy({ ...single, prePing, livenessAfterMs })
    await read(t)
    using recording = t.proxy.record()
    const counts: Record<string, number> = {}
    for (const [name, run] of Object.entries({ read, write, begin })) {
      recording.clear()
      await run(t)
      counts[name] = recording.counts.statements
    }
    expect(counts).toEqual(expected)
  },
)

test('password, role and the rest of a profile are not asked of a pool that is not used', async () => {
  await using t = await setup()
  await using proxy = await openFaultProxy({ target: t.url })
  using recording = proxy.record()
  let asked = 0
  const password = () => {
    asked += 1
    return 'x'
  }
  await using engine = createEngine({
    profile: { ...t.engine.profile, url: proxy.url, password, minimum: 2 },
  })
  expect(engine.stats().total).toBe(0)
  expect([asked, recording.messages.length]).toEqual([0, 0])
})
