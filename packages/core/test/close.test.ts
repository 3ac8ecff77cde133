import { openFaultProxy } from '@aquifer/embedded'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { createEngine, type Engine } from '../src/index.ts'
import { note, setup, setupBehindProxy, sleeps, type TestDatabaseTypes } from './setup.ts'

test.each([
  ['a COMMIT', { code: 'COMMIT_OUTCOME_UNKNOWN', outcome: 'unknown' }],
  ['a lone write', { code: 'POOL_CLOSED', outcome: 'unknown' }],
  ['a statement of a transaction', { code: 'POOL_CLOSED', outcome: 'rolledBack' }],
])('%s that is under way when close() cuts it fails honestly', async (what, expected) => {
  await using t = await setup()
  await using proxy = await openFaultProxy({ target: t.url })
  const profile = { ...t.engine.profile, url: proxy.url, drainTimeoutMs: 20 }
  await using engine = createEngine({ profile }) as unknown as Engine<TestDatabaseTypes>
  const tag = what === 'a COMMIT' ? /COMMIT/ : /INSERT/
  const reply = proxy.when({ direction: 'toClient', message: 'CommandComplete', text: tag }, 'hold')
  const write = (db: typeof engine.db) => db.insertInto('notes').values(note(1)).execute()
  const running = what === 'a lone write' ? write(engine.db) : engine.session(({ db }) => write(db))
  const failed = expect(running).rejects.toMatchObject(expected)
  await reply.fired
  await engine.close()
  await failed
})

test.each(['blackHole', 'refuse'] as const)(
  'close() ends although its cancel cannot be delivered, by %s of the network',
  async (fault) => {
    await using t = await setupBehindProxy({ size: 3, overflow: 0, deadlineMs: 60_000 })
    const [idle, held, busy] = await Promise.all([1, 2, 3].map(() => t.engine.acquire()))
    idle?.release()
    const running = expect(busy?.query('select pg_sleep(60)')).rejects.toMatchObject({
      code: 'POOL_CLOSED',
      outcome: 'unknown',
    })
    await sleeps(t)
    if (fault === 'refuse') t.proxy.refuse()
    else t.proxy.blackHole()
    await t.engine.close()
    await running
    expect(held?.usable).toBe(false)
    expect(t.engine.stats()).toMatchObject({ total: 0, closing: 0 })
  },
)

test('close() leaves no connection open whose statement was given up', async () => {
  await using t = await setupBehindProxy({ size: 1, overflow: 0, drainTimeoutMs: 20 })
  const giveUp = new AbortController()
  const { signal } = giveUp
  const given = expect(sql`select pg_sleep(60)`.execute(t.engine.db, { signal })).rejects
  const failed = given.toMatchObject({ code: 'CANCELLED' })
  await sleeps(t)
  t.proxy.blackHole()
  giveUp.abort()
  await failed
  expect(t.engine.stats()).toMatchObject({ total: 1, inUse: 0 })
  await t.engine.close()
  expect(t.engine.stats()).toMatchObject({ total: 0, closing: 0, closed: 1 })
})

test('a connection that is being asked whether it lives does not outlast close()', async () => {
  await using t = await setupBehindProxy({
    size: 1,
    overflow: 0,
    prePing: 'always',
    drainTimeoutMs: 20,
  })
  await t.engine.pool.query('select 1')
  t.proxy.blackHole()
  const waiting = expect(t.engine.acquire()).rejects.toMatchObject({ code: 'POOL_CLOSED' })
  await t.engine.close()
  await waiting
  expect(t.engine.stats()).toMatchObject({ total: 0, closing: 0, closed: 1 })
})
