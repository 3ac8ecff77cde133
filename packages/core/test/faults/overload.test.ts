import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { temporaryServer } from '@aquifer/embedded'
import { sql } from 'kysely'
import { Client } from 'pg'
import { expect, test } from 'vitest'
import { Deadline, type Lease } from '../../src/index.ts'
import { next, setup, setupBehindProxy, sleeps, type World } from '../setup.ts'
import { trial } from './trial.ts'

const nap = (t: World) => sql`select pg_sleep(0.005)`.execute(t.engine.db)

/** Connections of somebody else, which the server counts too. */
async function strangers(url: string, count: number) {
  const clients = Array.from({ length: count }, () => new Client({ connectionString: url }))
  for (const client of clients) client.on('error', () => {})
  await Promise.all(clients.map((client) => client.connect()))
  return {
    [Symbol.asyncDispose]: () =>
      Promise.all(clients.map((client) => client.end())).then(() => undefined),
  }
}

const tight = {
  max_connections: '12',
  superuser_reserved_connections: '0',
  max_worker_processes: '0',
  max_parallel_workers: '0',
}

test('callers are served by the connections there are while the server takes no more, and it is not asked at their pace (C8)', async () => {
  await using server = await temporaryServer({ settings: tight })
  await trial('C8', async (c8) => {
    for (const _ of c8.times(1, 10)) {
      await using t = await setup(
        { size: 20, overflow: 20, acquireTimeoutMs: 5_000 },
        { serverUrl: server.url },
      )
      await Promise.all([nap(t), nap(t), nap(t)])
      await using _others = await strangers(server.url, 6)
      let refused = 0
      t.engine.events.on('connectFailed', () => {
        refused += 1
      })
      const callers = Array.from({ length: 100 }, () =>
        c8.timed(() => c8.outcome(nap(t), expect.objectContaining({ rows: [{ pgSleep: '' }] }))),
      )
      await Promise.all(callers)
      c8.number('refused', refused)
      if (refused === 0 || refused > 60) c8.violation(`asked for ${refused} connections in vain`)
    }
  })
})

const refusal = expect.objectContaining({ code: 'CONNECTION_FAILED', sqlState: '53300' })

test('a full server of which no connection is ours is asked again with pauses, until the limit of its callers (C8)', async () => {
  await using server = await temporaryServer({ settings: tight })
  await using t = await setup({ size: 4, acquireTimeoutMs: 1_000 }, { serverUrl: server.url })
  await using _others = await strangers(server.url, 11)
  const refused: Error[] = []
  t.engine.events.on('connectFailed', ({ error }) => void refused.push(error))
  const overload = { code: 'POOL_ACQUIRE_TIMEOUT', kind: 'overload', cause: refusal }
  await expect(nap(t)).rejects.toMatchObject(overload)
  // The shortest pause is a twentieth of the limit.
  expect(refused.length).toBeLessThanOrEqual(21)
  const hasty = t.engine.acquire({ deadline: Deadline.after(500) })
  await expect(hasty).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED', cause: refusal })
})

test('a caller of a full server is served as soon as it has room, although no connection was ours (C8)', async () => {
  await using server = await temporaryServer({ settings: tight })
  await using t = await setup({}, { serverUrl: server.url })
  const others = await strangers(server.url, 11)
  const refused = next(t.engine, 'connectFailed')
  const served = nap(t)
  expect(await refused).toEqual({ error: refusal })
  await others[Symbol.asyncDispose]()
  expect(await served).toMatchObject({ rows: [{ pgSleep: '' }] })
})

test('while somebody waits for a full server, the process does not end (C8)', async () => {
  await using server = await temporaryServer({ settings: tight })
  const others = await strangers(server.url, 12)
  const program = `
    import { createEngine, presets } from ${JSON.stringify(new URL('../../src/index.ts', import.meta.url).href)}
    const limits = { size: 1, overflow: 0, acquireTimeoutMs: 20_000 }
    const engine = createEngine({
      profile: { ...presets.api, ...limits, url: ${JSON.stringify(server.url)}, service: 'test', version: '0' },
    })
    engine.events.on('connectFailed', () => console.log('refused'))
    ;(await engine.acquire()).release()
    console.log('served')
    await engine.close()`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const said: string[] = []
  for await (const line of createInterface(child.stdout)) {
    said.push(line)
    if (said.length === 2) await others[Symbol.asyncDispose]()
  }
  expect(said.slice(0, 2)).toEqual(['refused', 'refused'])
  expect(said.at(-1)).toBe('served')
})

test('who waits in vain is not told of a refusal from before its time (C8)', async () => {
  await using server = await temporaryServer({ settings: tight })
  const profile = { size: 2, overflow: 0, acquireTimeoutMs: 1_000 }
  await using t = await setupBehindProxy(profile, { serverUrl: server.url })
  const only = await t.engine.acquire()
  const others = await strangers(server.url, 10)
  const refused = next(t.engine, 'connectFailed')
  const waits = t.engine.acquire()
  expect(await refused).toEqual({ error: refusal })
  only.release()
  await using _held = await waits
  await others[Symbol.asyncDispose]()
  t.proxy.silentAccept()
  const late = await t.engine.acquire().catch((error: unknown) => error)
  expect(late).toMatchObject({ code: 'POOL_ACQUIRE_TIMEOUT' })
  expect(late).not.toHaveProperty('cause')
})

test('callers beyond the acquire limit get the pool in numbers, with the place that holds longest (C9)', async () => {
  const limitMs = 1_000
  await using t = await setup({ size: 10, overflow: 0, acquireTimeoutMs: limitMs })
  const held = [await t.engine.acquire(), new Error('the place')] as const
  const rest = await Promise.all(Array.from({ length: 9 }, () => t.engine.acquire()))
  await trial('C9 overload', async (c9) => {
    const waiters = Array.from(c9.times(90, 990), () =>
      c9.outcome(
        c9.timed(() => t.engine.acquire(), limitMs + 250),
        expect.objectContaining({
          code: 'POOL_ACQUIRE_TIMEOUT',
          kind: 'overload',
          retryable: true,
          message: expect.stringContaining('10 of 10 in use'),
          pool: expect.objectContaining({
            limit: 10,
            inUse: 10,
            longestHolder: expect.stringContaining(placeOf(held[1])),
          }),
        }),
      ),
    )
    await Promise.all(waiters)
  })
  for (const lease of [held[0], ...rest]) lease.release()
  expect(t.engine.stats()).toMatchObject({ waiting: 0, inUse: 0, idle: 10 })
})

/** File and line, as `overload.test.ts:12`. */
function placeOf(error: Error): string {
  return /[\w-]+\.test\.ts:\d+/.exec(error.stack ?? '')?.[0] ?? 'no place'
}

test('under ten times the load that it takes, a pool serves in the order of arrival (C9)', async () => {
  await using t = await setup({ size: 10, overflow: 0, acquireTimeoutMs: 1_000 })
  await trial('C9', async (c9) => {
    const order: number[] = []
    const arrived: number[] = []
    const callers = Array.from(c9.times(100, 2_000), async (n) => {
      if (c9.long) await c9.moment(2_000)
      arrived.push(n)
      const lease = await c9.timed(() => t.engine.acquire(), 1_250).catch(() => undefined)
      if (lease === undefined) return
      order.push(n)
      await lease.query('select pg_sleep(0.01)')
      lease.release()
    })
    await Promise.all(callers)
    const admitted = arrived.filter((n) => order.includes(n))
    c9.number('admitted', admitted.length)
    expect(order).toEqual(admitted)
  })
})

test('a lease that nobody gives back is reported once, with file and line of its checkout (C10)', async () => {
  await using t = await setup({ size: 2, overflow: 0, leakAfterMs: 20 })
  const leaks: { takenAt: string; backendPid: number }[] = []
  const two = new Promise<void>((resolve) => {
    t.engine.events.on('leak', (leak) => {
      leaks.push(leak)
      if (leaks.length === 2) resolve()
    })
  })
  const [first, place] = [await t.engine.acquire(), new Error('the place')]
  const second = t.engine.session(async (session) => {
    await session.query('select 1')
    await two
  })
  await second
  expect(leaks.map(({ backendPid }) => backendPid)).toContain(first.backendPid)
  expect(leaks.find((leak) => leak.backendPid === first.backendPid)?.takenAt).toContain(
    placeOf(place),
  )
  expect(leaks.find((leak) => leak.backendPid !== first.backendPid)?.takenAt).toMatch(
    /overload\.test\.ts:\d+:\d+/,
  )
  expect(t.engine.stats().leaked).toBe(2)
  first.release()
})

test('a forgotten lease is taken away after its limit: the next caller is served, and the holder is told (C10)', async () => {
  await using t = await setup({ size: 1, overflow: 0, leakAfterMs: 20, reclaimAfterMs: 60 })
  await trial('C10', async (c10) => {
    for (const _ of c10.times(3, 50)) {
      const closed: string[] = []
      const off = t.engine.events.on('close', ({ reason }) => void closed.push(reason))
      const forgotten = await t.engine.acquire()
      const next = await c10.timed(() => t.engine.acquire(), 60 + 250)
      if (next.backendPid === forgotten.backendPid) c10.violation('the same connection')
      await c10.outcome(
        forgotten.query('select 1'),
        expect.objectContaining({ code: 'LEASE_RECLAIMED' }),
      )
      expect(closed).toEqual(['reclaimed'])
      off()
      forgotten.release()
      next.release()
      expect(t.engine.stats()).toMatchObject({ inUse: 0, idle: 1 })
    }
  })
})

test('a lease for listening is never a leak (C10)', async () => {
  await using t = await setup({ size: 2, overflow: 0, leakAfterMs: 10, reclaimAfterMs: 20 })
  const listening = await t.engine.acquire()
  await listening.query('listen tides')
  const forgotten = await t.engine.acquire()
  const next = await t.engine.acquire()
  expect(forgotten.usable).toBe(false)
  expect(listening.usable).toBe(true)
  expect(t.engine.stats().leaked).toBe(1)
  for (const lease of [listening, next]) lease.release()
})

const backends = (t: World) =>
  t.witness(
    "select pid from pg_stat_activity where datname = current_database() and application_name like 'test:%'",
  )

test('close() ends whatever there is, and leaves nothing running on the server (C11)', async () => {
  await trial('C11', async (c11) => {
    for (const _ of c11.times(3, 50)) {
      await using t = await setup({ size: 4, overflow: 0, drainTimeoutMs: 30, deadlineMs: 60_000 })
      const leaked = await t.engine.acquire()
      const session = t.engine.session((s) => s.query('select pg_sleep(60)'))
      const lone = sql`select pg_sleep(60)`.execute(t.engine.db)
      const stop = new AbortController()
      const doubtful = await t.engine.acquire()
      const given = doubtful.query('select pg_sleep(60)', [], { signal: stop.signal })
      const ended = [given, session, lone].map((one) => c11.outcome(one, expect.any(Error)))
      const waiters = [1, 2, 3].map(() => c11.outcome(t.engine.acquire(), poolClosed))
      await expect.poll(() => running(t)).toBe(3)
      if (c11.random() < 0.5) stop.abort()
      doubtful.release()
      await c11.timed(() => t.engine.close(), 30 + 1_000)
      await Promise.all([...ended, ...waiters])
      expect(leaked.usable).toBe(false)
      await c11.outcome(t.engine.acquire(), poolClosed)
      await expect.poll(() => backends(t)).toEqual([])
    }
  })
})

const poolClosed = expect.objectContaining({ code: 'POOL_CLOSED' })

const running = async (t: World) =>
  (
    await t.witness(
      "select from pg_stat_activity where datname = current_database() and state = 'active' and query like '%pg_sleep(60)%' and pid <> pg_backend_pid()",
    )
  ).length

test('close() waits for work that ends within the drain limit (C11)', async () => {
  await using t = await setup({ size: 1, overflow: 0, drainTimeoutMs: 20_000 })
  const ended: string[] = []
  const unit = t.engine.session(async (session) => {
    await session.query('select pg_sleep(0.05)')
    await session.query("insert into notes values (1, 'x')")
    ended.push('unit')
  })
  await expect.poll(() => t.engine.stats().inUse).toBe(1)
  await t.engine.close().then(() => ended.push('close'))
  await unit
  expect(ended).toEqual(['unit', 'close'])
  expect(await t.witness('select id from notes')).toEqual([{ id: 1 }])
})

test('close() resolves while the server stands still, whatever is under way (C11)', async () => {
  await using server = await temporaryServer()
  await using t = await setup(
    { size: 3, overflow: 0, drainTimeoutMs: 30, livenessAfterMs: 0 },
    { serverUrl: server.url },
  )
  const idle = await t.engine.acquire()
  const held = await t.engine.acquire()
  const sleeping = Promise.allSettled([sql`select pg_sleep(60)`.execute(t.engine.db)])
  await sleeps(t)
  idle.release()
  await server.freeze()
  const checking: Promise<Lease>[] = [t.engine.acquire({ deadline: Deadline.after(60_000) })]
  const turnedAway = Promise.allSettled(checking)
  await t.engine.close()
  expect(held.usable).toBe(false)
  expect(await sleeping).toMatchObject([{ status: 'rejected' }])
  expect(await turnedAway).toMatchObject([{ reason: { code: 'POOL_CLOSED' } }])
  await server.thaw()
})
