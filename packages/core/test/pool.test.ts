import { AsyncLocalStorage } from 'node:async_hooks'
import { expect, test } from 'vitest'
import { createEngine, Deadline } from '../src/index.ts'
import { next, setup } from './setup.ts'

const single = { size: 1, overflow: 0 } as const

test('a lease returned clean is lent again, on the same connection', async () => {
  await using t = await setup(single)
  const first = await t.engine.acquire()
  const pid = first.backendPid
  first.release()
  await using second = await t.engine.acquire()
  expect(second.backendPid).toBe(pid)
})

test('a lease returned inside a transaction is destroyed', async () => {
  await using t = await setup(single)
  const first = await t.engine.acquire()
  await first.query('begin')
  const closed = next(t.engine, 'close')
  first.release()
  expect(await closed).toMatchObject({ reason: 'openTransaction', backendPid: first.backendPid })
  await using second = await t.engine.acquire()
  expect(second.backendPid).not.toBe(first.backendPid)
})

test.each([
  ["set search_path to 'pg_catalog'"],
  ["select set_config('work_mem', '1MB', false)"],
  ['create temp table t (id int)'],
  ['listen something'],
  ['select pg_advisory_lock(1)'],
])('session state left by %s does not reach the next borrower', async (statement) => {
  await using t = await setup(single)
  const first = await t.engine.acquire()
  await first.query(statement)
  first.release()
  await using second = await t.engine.acquire()
  expect(second.backendPid).not.toBe(first.backendPid)
})

test('waiters are served in the order they came', async () => {
  await using t = await setup(single)
  const held = await t.engine.acquire()
  const order: number[] = []
  const waiting = [1, 2, 3].map(async (n) => {
    await using _lease = await t.engine.acquire()
    order.push(n)
  })
  held.release()
  await Promise.all(waiting)
  expect(order).toEqual([1, 2, 3])
})

test('a caller that waits too long gets a typed overload error with the pool in numbers', async () => {
  await using t = await setup({ ...single, acquireTimeoutMs: 1_000 })
  await using _held = await t.engine.acquire()
  await expect(t.engine.acquire()).rejects.toMatchObject({
    code: 'POOL_ACQUIRE_TIMEOUT',
    kind: 'overload',
    retryable: true,
    pool: { limit: 1, inUse: 1 },
  })
  expect(t.engine.stats()).toMatchObject({ waiting: 0, timedOut: 1 })
})

test('an aborted waiter leaves the queue at once and costs the next one nothing', async () => {
  await using t = await setup(single)
  const held = await t.engine.acquire()
  const giveUp = new AbortController()
  const aborted = t.engine.acquire({ signal: giveUp.signal })
  const patient = t.engine.acquire()
  giveUp.abort()
  await expect(aborted).rejects.toMatchObject({ code: 'CANCELLED' })
  held.release()
  const lease = await patient
  expect(lease.usable).toBe(true)
  lease.release()
})

test('connections above size are closed on return, those below are kept', async () => {
  await using t = await setup({ size: 1, overflow: 2 })
  const leases = await Promise.all([t.engine.acquire(), t.engine.acquire(), t.engine.acquire()])
  expect(t.engine.stats().total).toBe(3)
  for (const lease of leases) lease.release()
  expect(t.engine.stats()).toMatchObject({ total: 1, idle: 1, inUse: 0 })
})

test('a connection killed while idle is noticed by nobody', async () => {
  await using t = await setup(single)
  const first = await t.engine.acquire()
  const pid = first.backendPid
  first.release()
  const closed = next(t.engine, 'close')
  await t.witness('select pg_terminate_backend($1)', [pid])
  expect(await closed).toMatchObject({ reason: 'lost', backendPid: pid })
  await using second = await t.engine.acquire()
  expect((await second.query<{ one: number }>('select 1 as one')).rows).toEqual([{ one: 1 }])
})

test('a connection killed under a statement fails its caller alone, and the waiter is served', async () => {
  await using t = await setup(single)
  const victim = await t.engine.acquire()
  const waiter = t.engine.acquire()
  const running = victim.query('select pg_sleep(60)')
  const failed = expect(running).rejects.toMatchObject({
    code: 'CONNECTION_LOST',
    kind: 'connection',
  })
  await t.witness('select pg_terminate_backend($1)', [victim.backendPid])
  await failed
  victim.release()
  await using lease = await waiter
  expect(lease.usable).toBe(true)
})

test('an aborted statement is cancelled on the server before its connection is lent again', async () => {
  await using t = await setup(single)
  const lease = await t.engine.acquire()
  const giveUp = new AbortController()
  const running = lease.query('select pg_sleep(60)', [], { signal: giveUp.signal })
  const failed = expect(running).rejects.toMatchObject({ code: 'CANCELLED', outcome: 'unknown' })
  giveUp.abort()
  await failed
  lease.release()
  expect(t.engine.stats()).toMatchObject({ doubtful: 1, idle: 0 })
  await using second = await t.engine.acquire()
  expect(second.backendPid).toBe(lease.backendPid)
  expect((await second.query('select 1 as one')).rows).toEqual([{ one: 1 }])
})

test('a server that is not there is a connection error that names the address', async () => {
  await using t = await setup({ url: 'postgres://nobody@127.0.0.1:1/none' })
  await expect(t.engine.acquire()).rejects.toMatchObject({
    code: 'CONNECTION_FAILED',
    message: expect.stringContaining('127.0.0.1:1'),
  })
})

test('close() turns waiters away, waits for leases, cuts those that do not come back, and always resolves', async () => {
  await using t = await setup({ ...single, drainTimeoutMs: 50 })
  const leaked = await t.engine.acquire()
  const waiter = expect(t.engine.acquire()).rejects.toMatchObject({ code: 'POOL_CLOSED' })
  await t.engine.close()
  await waiter
  expect(leaked.usable).toBe(false)
  await expect(t.engine.acquire()).rejects.toMatchObject({ code: 'POOL_CLOSED' })
})

test('connections carry service, profile and version in their application_name', async () => {
  await using t = await setup({ service: 'shop', name: 'api', version: '1.2.3' })
  const { rows } = await t.engine.pool.query('show application_name')
  expect(rows).toEqual([{ application_name: 'shop:api@1.2.3' }])
})

test('connect() gives code written against pg notifications and its own view of release', async () => {
  await using t = await setup({ size: 2 })
  const client = await t.engine.pool.connect()
  await client.query('listen tides')
  const heard = new Promise((resolve) => client.once('notification', resolve))
  await t.engine.pool.query("select pg_notify('tides', 'high')")
  expect(await heard).toMatchObject({ channel: 'tides', payload: 'high' })
  client.removeAllListeners()
  client.release(true)
  expect(t.engine.stats().inUse).toBe(0)
})

test('a lease that was given back runs nothing: its connection may be somebody else’s', async () => {
  await using t = await setup(single)
  const lease = await t.engine.acquire()
  lease.release()
  await expect(lease.query('select 1')).rejects.toMatchObject({ code: 'LEASE_RELEASED' })
})

test('a caller’s async context does not follow the connection that it was the first to need', async () => {
  await using t = await setup({ size: 1, overflow: 0 })
  const current = new AsyncLocalStorage<string>()
  const lease = await current.run('first', () => t.engine.acquire())
  await lease.query('listen tides')
  const heard = new Promise((resolve) => lease.onNotification(() => resolve(current.getStore())))
  await t.witness("select pg_notify('tides', 'high')")
  expect(await heard).toBeUndefined()
  lease.release()
})

test('connections that were opened for callers who gave up do not stay above size', async () => {
  await using t = await setup({ size: 1, overflow: 4 })
  const giveUp = new AbortController()
  const callers = [1, 2, 3, 4].map(() => t.engine.acquire({ signal: giveUp.signal }))
  const settled = Promise.allSettled(callers)
  giveUp.abort()
  await settled
  await expect.poll(() => t.engine.stats()).toMatchObject({ connecting: 0, total: 1 })
})

test('a pool that asks before every loan still lends', async () => {
  await using t = await setup({ ...single, livenessAfterMs: 0 })
  for (let n = 0; n < 3; n += 1) (await t.engine.acquire()).release()
  expect(t.engine.stats()).toMatchObject({ acquired: 3, opened: 1 })
})

test('a listener that throws vetoes nothing', async () => {
  await using t = await setup(single)
  const warned = new Promise<Error>((resolve) => process.once('warning', resolve))
  t.engine.events.on('checkout', () => {
    throw new Error('listener')
  })
  const lease = await t.engine.acquire()
  lease.release()
  expect((await warned).name).toBe('AquiferWarning')
  expect(t.engine.stats()).toMatchObject({ inUse: 0, idle: 1 })
})

test('an expired deadline is a deadline, not an overload', async () => {
  await using t = await setup(single)
  await expect(t.engine.acquire({ deadline: Deadline.after(0) })).rejects.toMatchObject({
    code: 'DEADLINE_EXCEEDED',
  })
  await using _held = await t.engine.acquire()
  await expect(t.engine.acquire({ deadline: Deadline.after(20) })).rejects.toMatchObject({
    code: 'DEADLINE_EXCEEDED',
  })
})

test('a limit longer than a timer can count is no limit of 1 ms', async () => {
  await using t = await setup({
    ...single,
    deadlineMs: Number.POSITIVE_INFINITY,
    acquireTimeoutMs: 2 ** 40,
  })
  const held = await t.engine.acquire()
  const waiter = t.engine.acquire()
  await t.witness('select pg_sleep(0.02)')
  held.release()
  const lease = await waiter
  expect((await lease.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  lease.release()
})

test('a parameter that cannot be sent is a data error without its words', async () => {
  await using t = await setup(single)
  const parameter = {
    toPostgres() {
      throw new Error('hunter2')
    },
  }
  const error = await t.engine.pool
    .query('select $1::text', [parameter])
    .catch((reason: Error) => reason)
  expect(error).toMatchObject({ code: 'PARAMETER_INVALID', kind: 'data' })
  expect((error as Error).message).not.toContain('hunter2')
  expect((await t.engine.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
})

test('a failure inside a text of several statements does not hide the open transaction', async () => {
  await using t = await setup(single)
  const lease = await t.engine.acquire()
  await lease.query('begin; select 1/0').catch(() => {})
  lease.release()
  expect((await t.engine.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
})

test('parameters of the URL do not override the profile, and a search_path is quoted', async () => {
  await using t = await setup()
  const url = `${t.url}?statement_timeout=0&application_name=other`
  const profile = { ...t.engine.profile, url, searchPath: ['Odd schema', 'public'] }
  await using engine = createEngine({ profile })
  const { rows } = await engine.pool.query(
    "select current_setting('statement_timeout') as t, current_setting('search_path') as s",
  )
  expect(rows).toEqual([{ t: '5s', s: '"Odd schema",public' }])
})

test('the query_timeout of a URL, a timer of the driver, ends no statement', async () => {
  await using t = await setup()
  const profile = { ...t.engine.profile, url: `${t.url}?query_timeout=20` }
  await using engine = createEngine({ profile })
  const { rows } = await engine.pool.query('select 1 as n from pg_sleep(0.2)')
  expect(rows).toEqual([{ n: 1 }])
})
