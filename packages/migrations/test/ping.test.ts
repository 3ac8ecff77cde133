import { testPgBouncer } from '@aquifer/embedded'
import { expect, inject, test } from 'vitest'
import { ping, upgrade } from '../src/index.ts'
import { revision, setup } from './setup.ts'

const probe = await testPgBouncer(inject('databaseUrl'))
await probe?.stop()

test('ping tells who is there, how far away, and what may be done', async () => {
  await using t = await setup()
  const found = await ping(t.engine)
  const [server] = await t.witness(
    `select current_setting('server_version') as version, current_user as me, current_database() as database`,
  )
  expect(found).toMatchObject({
    address: expect.stringMatching(/^127\.0\.0\.1:\d+\/\w+$/),
    serverVersion: server?.version,
    nodeVersion: process.versions.node,
    tls: null,
    role: { login: server?.me, acts: server?.me, superuser: true, mayCreateSchema: true },
    database: server?.database,
    applicationName: 'test:migrations@0',
    standby: false,
    pooler: false,
    budget: { fits: true, needed: 3 },
  })
  expect(found.latencyMs.min).toBeLessThanOrEqual(found.latencyMs.median)
  expect(found.latencyMs.median).toBeLessThanOrEqual(found.latencyMs.max)
})

test('a role that may do less is told so, on a pool of one', async () => {
  await using t = await setup()
  const role = `reader_${process.pid}`
  await t.witness(`create role ${role}`)
  const engine = t.deployer('test', { role, size: 1, overflow: 0 })
  expect((await ping(engine)).role).toMatchObject({
    acts: role,
    superuser: false,
    mayCreateSchema: false,
  })
  await engine.close()
  await t.witness(`drop role ${role}`)
})

test.skipIf(probe === undefined)(
  'a pooler in front of the server is seen, and refused for migrations',
  async () => {
    await using t = await setup()
    await using bouncer = await testPgBouncer(inject('databaseUrl'), {
      settings: {
        ignore_startup_parameters:
          'statement_timeout,lock_timeout,idle_in_transaction_session_timeout',
      },
    })
    const url = bouncer?.url(new URL(t.url).pathname.slice(1)) ?? ''
    const engine = t.deployer('test', { url })
    expect((await ping(engine)).pooler).toBe(true)
    await expect(upgrade(engine, [revision('aa')])).rejects.toMatchObject({
      code: 'MIGRATION_POOLER',
      kind: 'usage',
    })
    expect(await t.tables()).toEqual([])
  },
)
