import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { Deadline } from '../src/index.ts'
import { ids, note, setup, sleeps } from './setup.ts'

const single = { size: 1, overflow: 0 } as const

test('a statement that nobody awaits is cancelled by the rollback, and its connection stays', async () => {
  await using t = await setup(single)
  let sleeping: Promise<unknown> | undefined
  const unit = t.engine.session(async ({ db }) => {
    await db.insertInto('notes').values(note(1)).execute()
    sleeping = sql`select pg_sleep(60)`.execute(db).catch((error: unknown) => error)
    await sleeps(t)
    throw new Error('undone')
  })
  await expect(unit).rejects.toThrow('undone')
  expect(await sleeping).toMatchObject({ code: 'UNAWAITED_WORK' })
  expect(await ids(t)).toEqual([])
  await t.engine.pool.query('select 1')
  expect(t.engine.stats()).toMatchObject({ opened: 1, closed: 0, total: 1 })
})

test('a first statement that nobody awaits is cancelled as well', async () => {
  await using t = await setup(single)
  let sleeping: Promise<unknown> | undefined
  const unit = t.engine.session(async ({ db }) => {
    sleeping = sql`select pg_sleep(60)`.execute(db).catch((error: unknown) => error)
    await sleeps(t)
  })
  await expect(unit).rejects.toMatchObject({ code: 'UNAWAITED_WORK' })
  expect(await sleeping).toMatchObject({ code: 'UNAWAITED_WORK' })
})

test('a first statement that was not sent in time for the rollback never is', async () => {
  await using t = await setup(single)
  await using held = await t.engine.acquire()
  let first: Promise<unknown> | undefined
  const unit = t.engine.session(async ({ db }) => {
    first = db
      .insertInto('notes')
      .values(note(1))
      .execute()
      .catch((error: unknown) => error)
  })
  const ended = expect(unit).rejects.toMatchObject({ code: 'UNAWAITED_WORK' })
  held.release()
  await ended
  expect(await first).toMatchObject({ code: 'UNAWAITED_WORK' })
  expect(await ids(t)).toEqual([])
})

test('a unit whose first statement could not be sent cancels nothing of whoever has its connection now', async () => {
  await using t = await setup(single)
  const unsendable = {
    toPostgres() {
      throw new Error('no')
    },
  }
  const holder = await t.engine.acquire()
  const unit = t.engine.session(async (session) => {
    const statements = async () => {
      const first = session.query('select $1::text', [unsendable])
      for (let n = 0; n < 200; n += 1) session.query('select 1').catch(() => {})
      await first
    }
    await t.engine.session(statements, { deadline: Deadline.after(10_000) })
  })
  const refused = expect(unit).rejects.toMatchObject({ code: 'PARAMETER_INVALID' })
  await expect.poll(() => t.engine.stats().waiting).toBe(1)
  const stranger = sql`select pg_sleep(0.1)`.execute(t.engine.db)
  holder.release()
  await refused
  await stranger
})

test('a first statement that waits for a connection is called off by the end of its unit', async () => {
  await using t = await setup({ ...single, acquireTimeoutMs: 60_000 })
  await using _held = await t.engine.acquire()
  let first: Promise<unknown> | undefined
  const unit = t.engine.session(async ({ db }) => {
    first = db
      .insertInto('notes')
      .values(note(1))
      .execute()
      .catch((error: unknown) => error)
    await expect.poll(() => t.engine.stats().waiting, { interval: 1 }).toBe(1)
    throw new Error('undone')
  })
  await expect(unit).rejects.toThrow('undone')
  expect(await first).toMatchObject({ code: 'UNAWAITED_WORK' })
  expect(t.engine.stats().waiting).toBe(0)
})

test('what nobody awaits in an autocommit session is cancelled too', async () => {
  await using t = await setup(single)
  let sleeping: Promise<unknown> | undefined
  const unit = t.engine.session(
    async ({ db }) => {
      sleeping = sql`select pg_sleep(60)`.execute(db).catch((error: unknown) => error)
      await sleeps(t)
    },
    { mode: 'autocommit' },
  )
  await expect(unit).rejects.toMatchObject({ code: 'UNAWAITED_WORK' })
  expect(await sleeping).toMatchObject({ code: 'UNAWAITED_WORK' })
})

test('a joined session keeps the deadline that it was given', async () => {
  await using t = await setup(single)
  const unit = t.engine.session(async ({ db }) => {
    await db.insertInto('notes').values(note(1)).execute()
    const sleep = () => sql`select pg_sleep(60)`.execute(t.engine.db)
    await t.engine.session(sleep, { deadline: Deadline.after(60) })
  })
  await expect(unit).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' })
  expect(await ids(t)).toEqual([])
})

test('the signal of a joined session cancels its statement and dooms the unit', async () => {
  await using t = await setup(single)
  const stop = new AbortController()
  const unit = t.engine.session(async (session) => {
    const sleep = () => sql`select pg_sleep(60)`.execute(session.db)
    const part = t.engine.session(sleep, { signal: stop.signal }).catch((error: unknown) => error)
    await sleeps(t)
    stop.abort()
    expect(await part).toMatchObject({ code: 'CANCELLED' })
  })
  await expect(unit).rejects.toMatchObject({ code: 'COMMIT_ROLLED_BACK' })
})

test.each(['required', 'nested'] as const)(
  'a joined session (%s) that outlives its bounds fails, as one of its own does',
  async (propagation) => {
    await using t = await setup(single)
    const stop = new AbortController()
    const unit = t.engine.session(() =>
      t.engine.session(
        async ({ db }) => {
          await db.insertInto('notes').values(note(1)).execute()
          stop.abort()
        },
        { signal: stop.signal, propagation },
      ),
    )
    await expect(unit).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(await ids(t)).toEqual([])
  },
)

test('the bounds of a joined session end with it', async () => {
  await using t = await setup(single)
  const stop = new AbortController()
  await t.engine.session(async ({ db }) => {
    await t.engine.session(() => db.insertInto('notes').values(note(1)).execute(), {
      signal: stop.signal,
    })
    stop.abort()
    await db.insertInto('notes').values(note(2)).execute()
  })
  expect(await ids(t)).toEqual([1, 2])
})

test("an outer session that is used inside of its savepoint through propagation 'new' does not wait for itself", async () => {
  await using t = await setup({ size: 2, overflow: 0 })
  await t.engine.session((outer) =>
    outer.savepoint(() =>
      t.engine.session(
        async () => {
          await outer.savepoint(({ db }) => db.insertInto('notes').values(note(1)).execute())
          await outer.db.insertInto('notes').values(note(2)).execute()
        },
        { propagation: 'new' },
      ),
    ),
  )
  expect(await ids(t)).toEqual([1, 2])
})

test('a statement that waits for an open savepoint keeps the deadline', async () => {
  await using t = await setup(single)
  const inside = Promise.withResolvers<void>()
  const leave = Promise.withResolvers<void>()
  const unit = t.engine.session(async (session) => {
    const savepoint = session.savepoint(async () => {
      inside.resolve()
      await leave.promise
    })
    await inside.promise
    const beside = t.engine.session(() => session.query('select 1'), {
      deadline: Deadline.after(50),
    })
    await expect(beside).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' })
    leave.resolve()
    await savepoint
  })
  await expect(unit).rejects.toMatchObject({ code: 'COMMIT_ROLLED_BACK' })
})

test('what only a transaction has is refused in an autocommit session', async () => {
  await using t = await setup(single)
  const refused = { code: 'SESSION_AUTOCOMMIT', kind: 'usage' }
  for (const option of [
    { isolation: 'serializable' },
    { readOnly: true },
    { deferrable: true },
  ] as const) {
    const opened = t.engine.session(async () => {}, { mode: 'autocommit', ...option })
    await expect(opened).rejects.toMatchObject(refused)
  }
})

test('a read-only session joins a read-only one and no other', async () => {
  await using t = await setup(single)
  const inside = () => t.engine.session(async ({ readOnly }) => readOnly, { readOnly: true })
  expect(await t.engine.session(inside, { readOnly: true })).toBe(true)
  await expect(t.engine.session(inside)).rejects.toMatchObject({ code: 'SESSION_READ_ONLY' })
})

test.each(['a signal', 'the signal of a part'])(
  '%s around a unit of its own cancels that one too',
  async (whose) => {
    await using t = await setup({ size: 2, overflow: 0 })
    const giveUp = new AbortController()
    const { signal } = giveUp
    const inner = () =>
      t.engine.session(({ db }) => sql`select pg_sleep(60)`.execute(db), { propagation: 'new' })
    const part = () => (whose === 'a signal' ? inner() : t.engine.session(inner, { signal }))
    const unit = t.engine.session(part, whose === 'a signal' ? { signal } : {})
    void sleeps(t).then(() => giveUp.abort())
    await expect(unit).rejects.toMatchObject({ code: 'CANCELLED' })
    const running = () =>
      t.witness(
        "select 1 from pg_stat_activity where datname = current_database() and state = 'active' and query like 'select pg_sleep%'",
      )
    await expect.poll(running).toEqual([])
    expect(t.engine.stats().inUse).toBe(0)
  },
)

test('a stream that an autocommit session leaves open is given up with it', async () => {
  await using t = await setup(single)
  await t.witness("insert into notes select n, 'note' from generate_series(1, 100) n")
  let rows: AsyncIterator<unknown> | undefined
  const unit = t.engine.session(
    async ({ db }) => {
      rows = db.selectFrom('notes').select('id').stream(5)[Symbol.asyncIterator]()
      await rows.next()
    },
    { mode: 'autocommit' },
  )
  await expect(unit).rejects.toMatchObject({ code: 'UNAWAITED_WORK' })
  expect(t.engine.stats().inUse).toBe(0)
  // Whoever reads on is told that these are not all rows.
  await expect(readAll(rows)).rejects.toMatchObject({ code: 'UNAWAITED_WORK' })
})

async function readAll(rows: AsyncIterator<unknown> | undefined): Promise<void> {
  while ((await rows?.next())?.done === false);
}

test('what a part has left behind is not bound by it once it begins a unit of its own', async () => {
  await using t = await setup(single)
  const giveUp = new AbortController()
  const ended = Promise.withResolvers<void>()
  const { later } = await t.engine.session(() =>
    t.engine.session(
      async () => ({
        later: ended.promise.then(() =>
          t.engine.session(({ db }) => db.insertInto('notes').values(note(1)).execute()),
        ),
      }),
      { signal: giveUp.signal },
    ),
  )
  giveUp.abort()
  ended.resolve()
  await later
  expect(await ids(t)).toEqual([1])
})

test('a statement of a part that waits for its turn keeps the deadline of the part', async () => {
  await using t = await setup(single)
  const giveUp = new AbortController()
  const { signal } = giveUp
  const order: string[] = []
  const tell = (what: string) => (error: { code: string }) => void order.push(what, error.code)
  const unit = t.engine.session(async ({ db }) => {
    const sleeping = sql`select pg_sleep(60)`.execute(db, { signal }).catch(tell('sleep'))
    await sleeps(t)
    const bounded = { deadline: Deadline.after(50) }
    await t.engine.session(() => sql`select 1`.execute(db), bounded).catch(tell('part'))
    giveUp.abort()
    await sleeping
  })
  await expect(unit).rejects.toMatchObject({ code: 'COMMIT_ROLLED_BACK' })
  expect(order).toEqual(['part', 'DEADLINE_EXCEEDED', 'sleep', 'CANCELLED'])
})
