import { openFaultProxy } from '@aquifer/embedded'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { createEngine } from '../src/index.ts'
import { next, note, setup } from './setup.ts'

const WAITS_FOR_A_LOCK =
  "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"

const shared = { size: 2, overflow: 0, multiplex: { connections: 1 } } as const

test('statements of many callers share a connection, and one that fails fails alone', async () => {
  await using t = await setup(shared)
  await t.engine.db.insertInto('notes').values(note(1)).execute()
  const outcomes = await Promise.allSettled(
    [1, 1, 2, 3, 3, 4].map((id) => t.engine.db.insertInto('notes').values(note(id)).execute()),
  )
  expect(outcomes.map(({ status }) => status)).toEqual([
    'rejected',
    'rejected',
    'fulfilled',
    'fulfilled',
    'rejected',
    'fulfilled',
  ])
  expect(t.engine.stats()).toMatchObject({ total: 1, inUse: 1 })
})

test('they travel without waiting for one another, one statement each', async () => {
  await using t = await setup()
  await using proxy = await openFaultProxy({ target: t.url })
  await using engine = createEngine({ profile: { ...t.engine.profile, ...shared, url: proxy.url } })
  const db = engine.db as unknown as typeof t.engine.db
  const read = () => db.selectFrom('notes').selectAll().where('id', '=', 1).execute()
  await read()
  using recording = proxy.record()
  await Promise.all(Array.from({ length: 20 }, read))
  expect(recording.counts.statements).toBe(20)
  expect(recording.counts.roundTrips).toBeLessThan(20)
})

test('transactions, raw statements and autocommit sessions keep their meaning beside it', async () => {
  await using t = await setup(shared)
  await expect(
    t.engine.session(async ({ db }) => {
      await db.insertInto('notes').values(note(1)).execute()
      throw new Error('undone')
    }),
  ).rejects.toThrow('undone')
  await sql`begin`.execute(t.engine.db)
  const read = ({ db }: Pick<typeof t.engine, 'db'>) => db.selectFrom('notes').selectAll().execute()
  expect(await read(t.engine)).toEqual([])
  expect(await t.engine.session((session) => read(session), { mode: 'autocommit' })).toEqual([])
})

test('a caller who gives up is freed, and its neighbours get their answers', async () => {
  await using t = await setup(shared)
  await t.engine.db
    .insertInto('notes')
    .values([note(1), note(2)])
    .execute()
  const giveUp = new AbortController()
  await using lock = await t.engine.acquire()
  await lock.query('begin')
  await lock.query('select from notes where id = 1 for update')
  const update = (id: number, signal?: AbortSignal) =>
    t.engine.db
      .updateTable('notes')
      .set({ someText: 'changed' })
      .where('id', '=', id)
      .execute(signal && { signal })
  const waiting = expect(update(1, giveUp.signal)).rejects.toMatchObject({ code: 'CANCELLED' })
  const neighbour = update(2)
  await expect.poll(() => t.witness(WAITS_FOR_A_LOCK)).toHaveLength(1)
  giveUp.abort()
  await waiting
  await lock.query('rollback')
  await neighbour
  expect(await t.engine.db.selectFrom('notes').selectAll().where('id', '=', 2).execute()).toEqual([
    { id: 2, someText: 'changed', bigNumber: null },
  ])
})

test('a shared connection that breaks fails its writes, and reads run again on another', async () => {
  await using t = await setup(shared)
  const read = () => t.engine.db.selectFrom('notes').selectAll().execute()
  await read()
  await t.witness(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'test:%' and datname = current_database()",
  )
  expect(await Promise.all([read(), read(), read()])).toEqual([[], [], []])
})

test('what could set state does not travel on a shared connection, and new ones replace old', async () => {
  await using t = await setup(shared)
  const name = () =>
    t.engine.db.selectNoFrom(sql<string>`current_setting('application_name')`.as('name')).execute()
  const [before] = await name()
  await t.engine.db
    .selectNoFrom(sql`set_config('application_name', 'evil', false)`.as('set'))
    .execute()
  expect(await name()).toEqual([before])

  const read = () => t.engine.db.selectFrom('notes').selectAll().execute()
  await read()
  const closed = next(t.engine, 'close')
  t.engine.invalidate()
  await read()
  expect(await closed).toMatchObject({ reason: 'invalidated' })
})

test('a statement issued as its neighbour gives up is not cancelled with it', async () => {
  await using t = await setup({ ...shared, size: 6 })
  const outcomes: unknown[] = []
  // At every step of the way that a statement takes to the connection.
  for (let steps = 0; steps < 16; steps += 1) {
    await t.engine.db.selectFrom('notes').selectAll().execute()
    await using lock = await t.engine.acquire()
    await lock.query('begin; lock table notes in access exclusive mode')
    const giveUp = new AbortController()
    const read = t.engine.db.selectFrom('notes').selectAll().execute({ signal: giveUp.signal })
    const cancelled = expect(read).rejects.toMatchObject({ code: 'CANCELLED' })
    await expect.poll(() => t.witness(WAITS_FOR_A_LOCK)).toHaveLength(1)
    const innocent = t.engine.db.insertInto('notes').values(note(steps)).execute()
    const outcome = innocent.then(
      () => 'written',
      (error) => error.code,
    )
    for (let step = 0; step < steps; step += 1) await null
    giveUp.abort()
    await cancelled
    // A cancel that has no effect is repeated: the lock is held until that is over.
    for (let look = 0; look < 40; look += 1) await t.witness(WAITS_FOR_A_LOCK)
    await lock.query('rollback')
    outcomes.push(await outcome)
  }
  expect(outcomes).toEqual(outcomes.map(() => 'written'))
})

test('a refusal that only sounds like a lost connection costs none', async () => {
  await using t = await setup(shared)
  await t.witness(`create function remote() returns int language plpgsql as
    $$ begin raise exception 'card 4111' using errcode = '08001'; end $$`)
  const failed = sql`select remote()`.execute(t.engine.db).catch((error: Error) => error)
  expect(await failed).toMatchObject({ kind: 'resource', sqlState: '08001' })
  expect(((await failed) as Error).message).not.toContain('4111')
  expect(t.engine.stats()).toMatchObject({ opened: 1, closed: 0 })
})

test('close() waits for what runs on shared connections', async () => {
  await using t = await setup({ ...shared, drainTimeoutMs: 20_000 })
  const held = await t.engine.acquire()
  await held.query('begin; lock table notes')
  const write = t.engine.db.insertInto('notes').values(note(1)).execute()
  await expect.poll(() => t.witness(WAITS_FOR_A_LOCK)).toHaveLength(1)
  const closed = t.engine.close()
  await held.query('rollback')
  held.release()
  await write
  await closed
  expect(await t.witness('select id from notes')).toEqual([{ id: 1 }])
})
