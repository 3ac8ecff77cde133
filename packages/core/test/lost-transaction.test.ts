import { openFaultProxy } from '@aquifer/embedded'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { createEngine } from '../src/index.ts'
import { ids, next, note, setup, type World } from './setup.ts'

const single = { size: 1, overflow: 0 } as const

/** Opens further connections and lets each answer: whatever else wanted a connection has got it by then. */
async function another({ engine }: Pick<World, 'engine'>, rounds = 5): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    engine.invalidate()
    await using lease = await engine.acquire()
    await lease.query('select 1')
  }
}

test('a transaction on a connection that listens is gone with it, and its rest runs nowhere', async () => {
  await using t = await setup({ size: 2, overflow: 0 })
  const unit = t.engine.db.transaction().execute(async (trx) => {
    await sql`listen tides`.execute(trx)
    await trx.insertInto('notes').values(note(1)).execute()
    const lost = next(t.engine, 'invalidate')
    await t.witness(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'test:%' and datname = current_database()",
    )
    await lost
    await trx
      .insertInto('notes')
      .values(note(2))
      .execute()
      .catch(() => {})
  })
  await expect(unit).rejects.toBeDefined()
  expect(await ids(t)).toEqual([])
  const lease = await t.engine.acquire()
  await lease.query('listen tides')
  await lease.query('begin')
  const lost = new Promise((resolve) => lease.onLost(resolve))
  await t.witness('select pg_terminate_backend($1)', [lease.backendPid])
  await lost
  await another(t)
  await expect(lease.query("insert into notes values (3, 'three')")).rejects.toMatchObject({
    kind: 'connection',
  })
  lease.release()
  expect(await ids(t)).toEqual([])
})

test('what follows a BEGIN that the server has refused is not run outside of a transaction', async () => {
  await using t = await setup(single)
  const insert = (db: typeof t.engine.db, id: number) =>
    db.insertInto('notes').values(note(id)).execute()
  const unit = t.engine.db
    .transaction()
    .setIsolationLevel('snapshot')
    .execute(async (trx) => {
      await insert(trx, 1).catch(() => {})
      await insert(trx, 2).catch(() => {})
      throw new Error('undone')
    })
  await expect(unit).rejects.toThrow('undone')
  expect(await ids(t)).toEqual([])
})

test('a second transaction of one connection begins although its first statement could not be sent', async () => {
  await using t = await setup(single)
  const unit = t.engine.db.connection().execute(async (db) => {
    await db.selectFrom('notes').select('id').execute()
    await db.transaction().execute(async (trx) => {
      await sql`select ${'\ud800'}::text`.execute(trx).catch(() => {})
      await trx.insertInto('notes').values(note(2)).execute()
      throw new Error('undone')
    })
  })
  await expect(unit).rejects.toThrow('undone')
  expect(await ids(t)).toEqual([])
})

test('a transaction whose only statement was lost or given up is not committed although that was swallowed', async () => {
  await using t = await setup(single)
  await using proxy = await openFaultProxy({ target: t.url })
  await using engine = createEngine({
    profile: { ...t.engine.profile, url: proxy.url, preparedStatements: 0 },
  })
  proxy.when({ direction: 'toServer', message: 'Parse', text: /^select/ }, 'cut before')
  const lost = engine.db.transaction().execute(async (trx) => {
    await sql`select 1`.execute(trx).catch(() => {})
  })
  await expect(lost).rejects.toMatchObject({ code: 'TRANSACTION_ABORTED' })
  const signal = AbortSignal.timeout(50)
  const givenUp = engine.db.transaction().execute(async (trx) => {
    await sql`select pg_sleep(60)`.execute(trx, { signal }).catch(() => {})
  })
  await expect(givenUp).rejects.toMatchObject({ code: 'TRANSACTION_ABORTED' })
})

test('a connection that breaks while its lease listens again costs no slot', async () => {
  await using t = await setup()
  await using proxy = await openFaultProxy({ target: t.url })
  await using engine = createEngine({
    profile: { ...t.engine.profile, url: proxy.url, size: 3, overflow: 0, acquireTimeoutMs: 500 },
  })
  const lease = await engine.acquire({ dedicated: true })
  await lease.query('listen tides')
  const restored = new Promise<void>((resolve) => lease.onRestored(resolve))
  const rule = proxy.when({ direction: 'toServer', message: 'Parse', text: /^listen/ }, 'cut after')
  await t.witness('select pg_terminate_backend($1)', [lease.backendPid])
  await rule.fired
  await restored
  await another({ engine: engine as unknown as World['engine'] }, 40)
  expect(engine.stats()).toMatchObject({ inUse: 1, connecting: 0 })
  lease.release()
  const three = await Promise.all([engine.acquire(), engine.acquire(), engine.acquire()])
  for (const one of three) one.release()
})

test.each(['commit', 'rollback', 'begin', "insert into notes values (2, 'two'); commit"])(
  'the text `%s` inside of a Kysely transaction is refused before it is sent',
  async (text) => {
    await using t = await setup(single)
    const unit = t.engine.db.transaction().execute(async (trx) => {
      await trx.insertInto('notes').values(note(1)).execute()
      await sql.raw(text).execute(trx)
    })
    await expect(unit).rejects.toMatchObject({ code: 'SESSION_TRANSACTION_CONTROL' })
    expect(await ids(t)).toEqual([])
  },
)

test('the first failure of a Kysely transaction is the named cause of those behind it (S3, S7)', async () => {
  await using t = await setup(single)
  const first = { code: 'SERVER_22012' }
  const unit = t.engine.db.transaction().execute(async (trx) => {
    await sql`select 1 / 0`.execute(trx).catch(() => {})
    const second = { code: 'TRANSACTION_ABORTED', cause: first }
    await expect(sql`select 1`.execute(trx)).rejects.toMatchObject(second)
  })
  await expect(unit).rejects.toMatchObject({ code: 'COMMIT_ROLLED_BACK', cause: first })
})

test('a failure that a savepoint has undone is no cause of later ones', async () => {
  await using t = await setup(single)
  const trx = await t.engine.db.startTransaction().execute()
  const part = await trx.savepoint('part').execute()
  await sql`select 1 / 0`.execute(part).catch(() => {})
  const whole = await part.rollbackToSavepoint('part').execute()
  await sql`select nonsense`.execute(whole).catch(() => {})
  const cause = { code: 'SERVER_42703' }
  await expect(sql`select 1`.execute(whole)).rejects.toMatchObject({ cause })
  await trx.rollback().execute()
})

test.each([1, 3])(
  'a Kysely transaction whose callback does not await its %s statements is rolled back',
  async (count) => {
    await using t = await setup(single)
    const outcomes: Promise<unknown>[] = []
    const unit = t.engine.db.transaction().execute(async () => {
      for (let id = 1; id <= count; id += 1) {
        const insert = t.engine.db.insertInto('notes').values(note(id)).execute()
        outcomes.push(insert.catch(() => {}))
      }
    })
    await expect(unit).rejects.toMatchObject({ code: 'UNAWAITED_WORK', outcome: 'rolledBack' })
    await Promise.all(outcomes)
    expect(await ids(t)).toEqual([])
    expect(t.engine.stats().inUse).toBe(0)
  },
)

test('a statement that got no connection and that nobody awaits is no empty success', async () => {
  await using t = await setup({ ...single, acquireTimeoutMs: 50 })
  await using held = await t.engine.acquire()
  const unit = t.engine.db.transaction().execute(async (trx) => {
    void trx
      .insertInto('notes')
      .values(note(1))
      .execute()
      .catch(() => {})
  })
  await expect(unit).rejects.toMatchObject({ code: 'UNAWAITED_WORK' })
  expect(held.usable).toBe(true)
})
