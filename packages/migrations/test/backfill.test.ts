import { sql } from 'kysely'
import { expect, test, vi } from 'vitest'
import { type Backfill, type BackfillEvent, backfill } from '../src/index.ts'
import { setup, type World } from './setup.ts'

const ROWS = 2_500

/** A table of which every row counts how often it was touched. */
async function world(keyType = 'integer', key = (n: string) => n) {
  const t = await setup()
  await t.witness(
    `create table things (id ${keyType} primary key, touched integer not null default 0)`,
  )
  await t.witness(`insert into things select ${key('n')} from generate_series(1, ${ROWS}) n`)
  return t
}

const touch: Backfill = {
  name: 'touch',
  table: 'things',
  run: (db, range) => sql`update things set touched = touched + 1 where ${range}`.execute(db),
}
const quick = { batchRows: 100, maxBatchRows: 100, pauseMs: 0, batchMs: Number.POSITIVE_INFINITY }

const touched = async (t: World) =>
  await t.witness<{ touched: number; rows: number }>(
    `select touched, count(*)::int as rows from things group by 1 order by 1`,
  )

test.each([
  ['integer', (n: string) => `${n} * 3`],
  ['bigint', (n: string) => `9007199254740993 + ${n}`],
  ['text', (n: string) => `'k' || ${n}`],
  ['uuid', (n: string) => `md5(${n}::text)::uuid`],
  [
    'timestamptz',
    (n: string) => `timestamptz '2020-01-01 00:00:00Z' + ${n} * interval '1 microsecond'`,
  ],
  ['varchar(20)', (n: string) => `'it''s ' || ${n}`],
])('each row is changed once, by a key of type %s', async (type, key) => {
  await using t = await world(type, key)
  const events: BackfillEvent[] = []
  const result = await backfill(t.engine, touch, {
    ...quick,
    onEvent: (event) => events.push(event),
  })
  expect(await touched(t)).toEqual([{ touched: 1, rows: ROWS }])
  expect(result).toMatchObject({ name: 'touch', rows: ROWS, batches: 25 })
  expect(events).toHaveLength(25)
  expect(events.at(-1)).toMatchObject({
    event: 'progress',
    doneRows: ROWS,
    totalRows: ROWS,
    leftMs: 0,
  })
  // It is done, also for those who ask again.
  expect(await backfill(t.engine, touch)).toMatchObject({ rows: 0 })
  await backfill(t.engine, touch, { restart: true })
  expect(await touched(t)).toEqual([{ touched: 2, rows: ROWS }])
})

test('after its connection was killed in the middle of a batch it goes on from there', async () => {
  await using t = await world()
  await t.witness('select pg_advisory_lock(4711)')
  const gated: Backfill = {
    ...touch,
    run: async (db, range) => {
      await touch.run(db, range)
      await sql`select pg_advisory_xact_lock_shared(4711) from things where id = 1001 and ${range}`.execute(
        db,
      )
    },
  }
  const victim = backfill(
    t.deployer('victim', { lockTimeoutMs: 60_000, statementTimeoutMs: 61_000 }),
    gated,
    quick,
  )
  victim.catch(() => {})
  await vi.waitFor(async () => {
    const ended = await t.witness(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'victim:migrations@0' and wait_event = 'advisory'`,
    )
    expect(ended).toHaveLength(1)
  }, 20_000)
  await expect(victim).rejects.toMatchObject({
    code: 'BACKFILL_FAILED',
    retryable: expect.any(Boolean),
  })
  await t.witness('select pg_advisory_unlock(4711)')
  expect(await touched(t)).toEqual([
    { touched: 0, rows: ROWS - 1_000 },
    { touched: 1, rows: 1_000 },
  ])

  expect(await backfill(t.engine, touch, quick)).toMatchObject({ rows: ROWS - 1_000 })
  expect(await touched(t)).toEqual([{ touched: 1, rows: ROWS }])
})

test('two at the same time share the work', async () => {
  await using t = await world()
  const results = await Promise.all(
    ['one', 'two'].map((name) => backfill(t.deployer(name), touch, quick)),
  )
  expect(await touched(t)).toEqual([{ touched: 1, rows: ROWS }])
  expect(results.map(({ rows }) => rows).reduce((sum, rows) => sum + rows)).toBe(ROWS)
})

test('a signal stops it between two batches', async () => {
  await using t = await world()
  const controller = new AbortController()
  const stopped = backfill(t.engine, touch, {
    ...quick,
    signal: controller.signal,
    onEvent: (event) => {
      if (event.event === 'progress' && event.doneRows === 300) controller.abort()
    },
  })
  await expect(stopped).rejects.toMatchObject({ code: 'CANCELLED' })
  expect(await touched(t)).toEqual([
    { touched: 0, rows: ROWS - 300 },
    { touched: 1, rows: 300 },
  ])
})

test('it waits while a standby is behind', async () => {
  await using t = await world()
  const lags = [0, 9_000, 6_000, 0]
  const events: string[] = []
  await backfill(t.engine, touch, {
    ...quick,
    maxBatchRows: ROWS,
    batchRows: ROWS - 1,
    lagMs: async () => lags.shift() ?? 0,
    onEvent: (event) =>
      events.push(event.event === 'throttled' ? `lag ${event.lagMs}` : event.event),
  })
  expect(events).toEqual(['progress', 'lag 9000', 'lag 6000', 'progress'])
})

test('a batch that meets a lock is undone and tried again with fewer rows', async () => {
  await using t = await world()
  const lease = await t.deployer('writer').acquire()
  await lease.query('begin')
  await lease.query('update things set touched = 0 where id = 1')
  const events: BackfillEvent[] = []
  await backfill(t.deployer('test', { lockTimeoutMs: 100 }), touch, {
    ...quick,
    onEvent: async (event) => {
      events.push(event)
      if (event.event === 'repeated' && event.batchRows === 25) await lease.query('commit')
    },
  })
  lease.release()
  expect(events.slice(0, 2)).toEqual([
    { event: 'repeated', name: 'touch', code: 'LOCK_TIMEOUT', batchRows: 50 },
    { event: 'repeated', name: 'touch', code: 'LOCK_TIMEOUT', batchRows: 25 },
  ])
  expect(await touched(t)).toEqual([{ touched: 1, rows: ROWS }])
})

test('rows that come while it runs are left to those who write them', async () => {
  await using t = await world()
  await backfill(t.engine, touch, {
    ...quick,
    onEvent: () => void t.witness(`insert into things select max(id) + 1, 7 from things`),
  })
  expect(await t.witness('select distinct touched from things order by 1')).toEqual([
    { touched: 1 },
    { touched: 7 },
  ])
})

test('a table or key that is not there is refused, and what throws is named', async () => {
  await using t = await world()
  for (const wrong of [{ table: 'nothing' }, { key: 'nothing' }]) {
    await expect(backfill(t.engine, { ...touch, ...wrong })).rejects.toMatchObject({
      code: 'BACKFILL_TABLE',
      kind: 'usage',
    })
  }
  const broken: Backfill = { ...touch, run: () => Promise.reject(new Error('bad luck')) }
  await expect(backfill(t.engine, broken)).rejects.toMatchObject({
    code: 'BACKFILL_FAILED',
    message: expect.stringContaining('bad luck'),
  })
})

test('an empty table is done at once', async () => {
  await using t = await setup()
  await t.witness('create schema app; create table app."Mixed" (id integer primary key)')
  const empty: Backfill = { name: 'empty', table: 'app.Mixed', run: async () => {} }
  expect(await backfill(t.engine, empty)).toMatchObject({ rows: 0, batches: 0 })
})
