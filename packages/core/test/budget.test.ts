import { temporaryServer } from '@aquifer/embedded'
import pg from 'pg'
import { expect, test } from 'vitest'
import { createEngine, type Profile, presets } from '../src/index.ts'
import { setup } from './setup.ts'

test('the pools of an application are added up against what the server has', async () => {
  await using t = await setup({ name: 'api', size: 2, overflow: 3, instances: 4 })
  const [limits] = await t.witness(
    `select current_setting('max_connections')::int as most,
      current_setting('superuser_reserved_connections')::int
        + coalesce(current_setting('reserved_connections', true)::int, 0) as reserved`,
  )
  const available = Number(limits?.most) - Number(limits?.reserved)
  const worker = { name: 'worker', size: 1, overflow: 0 }
  expect(await t.engine.budget([t.engine.profile, worker])).toEqual({
    fits: true,
    needed: 21,
    available,
    limitedBy: 'server',
    maxConnections: limits?.most,
    message: `api 4 x (2 + 3) + worker (1 + 0) = 21 connections, and max_connections less the reserved ones is ${available}`,
  })
  const greedy = { name: 'reports', size: available, overflow: 0 }
  const report = await t.engine.budget([greedy])
  expect(report).toMatchObject({ fits: false, needed: 20 + available })
  expect(report.message).toContain(`reports (${available} + 0)`)
  expect(report.message).toContain('lower size or overflow')
})

test('behind a pooler the server is not asked', async () => {
  await using t = await setup()
  await using engine = createEngine({
    profile: { ...t.engine.profile, pooler: 'transaction', instances: 100 },
  })
  expect(await engine.budget()).toMatchObject({ fits: true, limitedBy: 'pooler' })
  expect(engine.stats().opened).toBe(0)
})

/** An engine that logs in as `role`, on a server of its own with these limits; the role `narrow` may have 6 connections. */
async function engineOf(role: string, limits: string, profile: Partial<Profile> = {}) {
  const server = await temporaryServer()
  const admin = new pg.Client(server.url)
  await admin.connect()
  await admin.query(
    'create role narrow login connection limit 6; create role app; grant app to narrow',
  )
  await admin.query(limits)
  await admin.end()
  const url = server.url.replace('postgres@', `${role}@`)
  const settings = { ...presets.api, url, service: 'test', version: '0', ...profile }
  const engine = createEngine({ profile: settings })
  return {
    engine,
    [Symbol.asyncDispose]: async () => {
      await engine.close()
      await server.stop()
    },
  }
}

test('the limit is that of the role that logs in, also if its connections take on another one', async () => {
  await using t = await engineOf('narrow', '', { role: 'app' })
  expect(await t.engine.budget()).toMatchObject({ fits: false, available: 6, limitedBy: 'role' })
})

test('a limit of the database counts if it is lower', async () => {
  await using t = await engineOf('narrow', 'alter database postgres connection limit 2', {
    size: 3,
    overflow: 0,
  })
  expect(await t.engine.budget()).toMatchObject({
    fits: false,
    needed: 3,
    available: 2,
    limitedBy: 'database',
  })
})

test('a superuser is held to neither, by the server as by the budget', async () => {
  const limits =
    'alter database postgres connection limit 1; alter role postgres connection limit 1'
  await using t = await engineOf('postgres', limits, { size: 3, overflow: 0 })
  const leases = await Promise.all([1, 2, 3].map(() => t.engine.acquire()))
  for (const lease of leases) lease.release()
  expect(await t.engine.budget()).toMatchObject({ fits: true, limitedBy: 'server' })
})
