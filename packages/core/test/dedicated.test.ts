import { expect, test } from 'vitest'
import { next, setup } from './setup.ts'

const single = { size: 1, overflow: 0 } as const

test('a dedicated lease that listens goes on with another connection when its own is killed', async () => {
  await using t = await setup(single)
  await using lease = await t.engine.acquire({ dedicated: true })
  await lease.query('listen "High Tides"')
  await lease.query('listen ebb')
  await lease.query('unlisten ebb')
  const before = lease.backendPid
  const heard: string[] = []
  lease.onNotification(({ channel, payload }) => heard.push(`${channel}: ${payload}`))
  const restored = new Promise<void>((resolve) => lease.onRestored(resolve))

  await t.witness('select pg_terminate_backend($1)', [before])
  await restored
  await t.witness("select pg_notify('ebb', 'unheard'), pg_notify('High Tides', 'at noon')")

  await expect.poll(() => heard).toEqual(['High Tides: at noon'])
  expect(lease.backendPid).not.toBe(before)
  expect((await lease.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  expect(t.engine.stats()).toMatchObject({ total: 1, inUse: 1 })
})

test('a lease that listens and is given back while it has no connection gets none', async () => {
  await using t = await setup(single)
  const lease = await t.engine.acquire({ dedicated: true })
  await lease.query('listen tides')
  const lost = new Promise((resolve) => lease.onLost(resolve))
  await t.witness('select pg_terminate_backend($1)', [lease.backendPid])
  await lost
  lease.release()
  await using other = await t.engine.acquire()
  expect((await other.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  expect(t.engine.stats()).toMatchObject({ inUse: 1, total: 1 })
})

test('close() does not wait for dedicated leases', async () => {
  await using t = await setup({ ...single, drainTimeoutMs: 2 ** 30 })
  const lease = await t.engine.acquire({ dedicated: true })
  await t.engine.close()
  expect(lease.usable).toBe(false)
})

test('a dedicated lease is no leak and is not reclaimed; one that is forgotten is both', async () => {
  await using t = await setup({ size: 2, overflow: 0, leakAfterMs: 20, reclaimAfterMs: 40 })
  await using kept = await t.engine.acquire({ dedicated: true })
  const leaked = next(t.engine, 'leak')
  const closed = next(t.engine, 'close')
  const forgotten = await t.engine.acquire()
  expect((await leaked).takenAt).toMatch(/dedicated\.test\.ts:\d+/)
  expect(await closed).toMatchObject({ reason: 'reclaimed', backendPid: forgotten.backendPid })
  await expect(forgotten.query('select 1')).rejects.toMatchObject({ code: 'LEASE_RECLAIMED' })
  expect((await kept.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  expect(t.engine.stats()).toMatchObject({ leaked: 1, inUse: 1 })
})

test('listeners that throw harm neither the lease nor the pool', async () => {
  await using t = await setup({ size: 2, overflow: 0 })
  const warnings: string[] = []
  const onWarning = (warning: Error) => warnings.push(warning.message)
  process.on('warning', onWarning)
  const lease = await t.engine.acquire({ dedicated: true })
  const bug = () => {
    throw new Error('bug')
  }
  lease.onNotification(bug)
  lease.onLost(bug)
  lease.onRestored(bug)
  const restored = new Promise<void>((resolve) => lease.onRestored(resolve))
  await lease.query('listen tides')
  await t.witness("select pg_notify('tides', 'high')")
  expect((await lease.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  await t.witness('select pg_terminate_backend($1)', [lease.backendPid])
  await restored
  await t.engine.close()
  await expect.poll(() => warnings.length).toBeGreaterThanOrEqual(3)
  process.off('warning', onWarning)
  expect(t.engine.stats()).toMatchObject({ total: 0, closing: 0 })
})
