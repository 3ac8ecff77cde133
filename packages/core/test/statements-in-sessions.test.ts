import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { Session } from '../src/index.ts'
import { ids, meeting, note, setup, sleeps, type TestDatabaseTypes } from './setup.ts'

test.each(['commit', 'rollback', 'begin', 'select 1; commit'])(
  'transaction control by hand is refused: %s',
  async (text) => {
    await using t = await setup()
    const unit = t.engine.session(async (session) => {
      await session.db.insertInto('notes').values(note(1)).execute()
      await session.query(text).catch(() => {})
      await session.db.insertInto('notes').values(note(2)).execute()
      throw new Error('undo')
    })
    await expect(unit).rejects.toThrow()
    expect(await ids(t)).not.toContain(2)
  },
)

test.each(['commit', 'rollback', 'commit; begin', 'abort', "prepare transaction 'x'"])(
  'transaction control behind another statement is refused before anything has run: %s',
  async (control) => {
    await using t = await setup()
    const unit = t.engine.session(async (session) => {
      await session.query(`insert into notes values (1, 'one'); ${control}`)
    })
    await expect(unit).rejects.toMatchObject({ code: 'SESSION_TRANSACTION_CONTROL' })
    expect(await ids(t)).toEqual([])
  },
)

test('a text of several statements may undo a part of the transaction', async () => {
  await using t = await setup()
  await t.engine.session(async (session) => {
    await session.query('savepoint ours')
    await session.query("insert into notes values (1, 'one'); rollback to savepoint ours")
    await session.query(`create function two() returns int begin atomic select 1; select 2; end`)
    await session.query("insert into notes values (2, 'two')")
  })
  expect(await ids(t)).toEqual([2])
})

test("Kysely's own transaction inside a session is refused by name", async () => {
  await using t = await setup()
  const unit = t.engine.session(() => t.engine.db.transaction().execute(async () => {}))
  await expect(unit).rejects.toMatchObject({ code: 'SESSION_KYSELY_TRANSACTION' })
})

test('isolation and read only hold on the server', async () => {
  await using t = await setup()
  const show = (session: Pick<Session<TestDatabaseTypes>, 'query'>, name: string) =>
    session.query(`show ${name}`)
  const seen = await t.engine.transaction(
    async (session) => [
      (await show(session, 'transaction_isolation')).rows,
      (await show(session, 'transaction_read_only')).rows,
    ],
    { isolation: 'serializable', readOnly: true },
  )
  expect(seen).toEqual([
    [{ transaction_isolation: 'serializable' }],
    [{ transaction_read_only: 'on' }],
  ])
})

test('write skew at serializable is retried until both units are done', async () => {
  await using t = await setup()
  await t.witness("insert into notes values (1, 'on', 0), (2, 'on', 0)")
  const bothHaveRead = meeting(2)
  const attempts: number[] = []
  const leave = (id: number) =>
    t.engine.transaction(
      async ({ db, attempt }) => {
        attempts.push(attempt)
        const { n } = await db
          .selectFrom('notes')
          .select((e) => e.fn.countAll<bigint>().as('n'))
          .where('someText', '=', 'on')
          .executeTakeFirstOrThrow()
        if (attempt === 1) await bothHaveRead()
        if (n > 1n)
          await db.updateTable('notes').set({ someText: 'off' }).where('id', '=', id).execute()
      },
      { isolation: 'serializable', retry: true },
    )
  await Promise.all([leave(1), leave(2)])
  expect(await t.witness("select count(*)::int as n from notes where some_text = 'on'")).toEqual([
    { n: 1 },
  ])
})

test('a stream reads all rows in order and refuses other statements meanwhile', async () => {
  await using t = await setup()
  await t.witness("insert into notes select n, 'x', n from generate_series(1, 25) n")
  const seen: number[] = []
  await t.engine.session(async ({ db }) => {
    for await (const row of db.selectFrom('notes').selectAll().orderBy('id').stream(10)) {
      seen.push(row.id)
      if (row.id === 1) {
        await expect(db.selectFrom('notes').select('id').execute()).rejects.toMatchObject({
          code: 'STREAM_OPEN',
        })
      }
    }
    await db.insertInto('notes').values(note(26)).execute()
  })
  expect(seen).toEqual(Array.from({ length: 25 }, (_, n) => n + 1))
})

test('a stream outside of a session gives its connection back, also when its loop is left early', async () => {
  await using t = await setup({ size: 1, overflow: 0 })
  await t.witness("insert into notes select n, 'x', n from generate_series(1, 25) n")
  for await (const row of t.engine.db.selectFrom('notes').selectAll().stream(10))
    if (row.id > 3) break
  expect(t.engine.stats()).toMatchObject({ inUse: 0, idle: 1 })
})

test("an aborted statement in Kysely's own transaction cannot be committed around", async () => {
  await using t = await setup()
  const giveUp = new AbortController()
  const unit = t.engine.db.transaction().execute(async (trx) => {
    await trx.insertInto('notes').values(note(1)).execute()
    const sleeping = sql`select pg_sleep(60)`.execute(trx, { signal: giveUp.signal })
    await sleeps(t)
    giveUp.abort()
    await sleeping.catch(() => {})
  })
  await expect(unit).rejects.toThrow()
  expect(await ids(t)).toEqual([])
})

test("a statement issued while Kysely's own transaction ends is refused", async () => {
  await using t = await setup()
  let late: Promise<unknown> | undefined
  await t.engine.db
    .transaction()
    .execute(async (trx) => {
      await trx.insertInto('notes').values(note(1)).execute()
      late = Promise.resolve().then(async () => {
        for (;;) await trx.selectFrom('notes').select('id').execute()
      })
      late.catch(() => {})
      throw new Error('undo')
    })
    .catch(() => {})
  await expect(late).rejects.toMatchObject({
    code: expect.stringMatching(/SESSION_CLOSED|LEASE_RELEASED/),
  })
  expect(await ids(t)).toEqual([])
})

test('a stream in an autocommit session reads through a connection of its own', async () => {
  await using t = await setup()
  await t.witness("insert into notes select n, 'x', n from generate_series(1, 25) n")
  const seen: number[] = []
  await t.engine.session(
    async ({ db }) => {
      for await (const row of db.selectFrom('notes').select('id').orderBy('id').stream(10))
        seen.push(row.id)
    },
    { mode: 'autocommit' },
  )
  expect(seen).toHaveLength(25)
  expect(t.engine.stats().inUse).toBe(0)
})

test('names come back as the query wrote them', async () => {
  await using t = await setup()
  await t.witness("insert into notes values (1, 'x', 2)")
  const row = await t.engine.db
    .selectFrom('notes')
    .select(['id as ID', 'someText as some_text', 'bigNumber as theURL'])
    .executeTakeFirst()
  expect(row).toEqual({ ID: 1, some_text: 'x', theURL: 2n })
})

test('a statement given up before its turn leaves the line at once and the unit whole', async () => {
  await using t = await setup()
  const giveUp = new AbortController()
  await t.engine.session(async (session) => {
    await session.db.insertInto('notes').values(note(1)).execute()
    await using lock = await t.engine.acquire({ dedicated: true })
    await lock.query('select pg_advisory_lock(7)')
    const slow = session.query('select pg_advisory_xact_lock(7)')
    const queued = session.db.insertInto('notes').values(note(2)).execute({ signal: giveUp.signal })
    const left = expect(queued).rejects.toMatchObject({ code: 'CANCELLED' })
    giveUp.abort()
    await left
    await lock.query('select pg_advisory_unlock(7)')
    await slow
    await session.db.insertInto('notes').values(note(3)).execute()
  })
  expect(await ids(t)).toEqual([1, 3])
})

test('an autocommit session sends one statement at a time, in the order they were issued', async () => {
  await using t = await setup({ size: 4, overflow: 0 })
  let most = 0
  let underWay = 0
  t.engine.events.on('checkout', () => {
    underWay += 1
    most = Math.max(most, underWay)
  })
  t.engine.events.on('checkin', () => {
    underWay -= 1
  })
  await t.engine.session(
    async ({ db }) => {
      const insert = (id: number) => db.insertInto('notes').values(note(id)).execute()
      await insert(1)
      await Promise.all([2, 3, 4].map(insert))
      const chain = async (from: number) => {
        for (let id = from; id < from + 5; id += 1) await insert(id)
      }
      await Promise.all([chain(10), chain(20), chain(30)])
    },
    { mode: 'autocommit' },
  )
  expect(most).toBe(1)
  expect(await ids(t)).toHaveLength(19)
})
