import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { Deadline } from '../src/index.ts'
import { ids, note, setup } from './setup.ts'

test('a session commits when its callback returns', async () => {
  await using t = await setup()
  const result = await t.engine.session(async ({ db }) => {
    await db.insertInto('notes').values(note(1)).execute()
    expect(await ids(t)).toEqual([])
    return 'done'
  })
  expect(result).toBe('done')
  expect(await ids(t)).toEqual([1])
})

test('a session rolls back when its callback throws, and the error goes on', async () => {
  await using t = await setup()
  const failure = new Error('no')
  const unit = t.engine.session(async ({ db }) => {
    await db.insertInto('notes').values(note(1)).execute()
    throw failure
  })
  await expect(unit).rejects.toBe(failure)
  expect(await ids(t)).toEqual([])
})

test('a session takes no connection before its first statement', async () => {
  await using t = await setup()
  await t.engine.session(async () => {
    expect(t.engine.stats().total).toBe(0)
  })
  expect(t.engine.stats().acquired).toBe(0)
})

test('engine.db inside a session takes part in it, also with a pool of one', async () => {
  await using t = await setup({ size: 1, overflow: 0 })
  const unit = t.engine.session(async () => {
    await t.engine.db.insertInto('notes').values(note(1)).execute()
    throw new Error('undo')
  })
  await expect(unit).rejects.toThrow('undo')
  expect(await ids(t)).toEqual([])
  expect(t.engine.stats().acquired).toBe(1)
})

test('a session inside a session joins it; its failure forbids the commit even if it is swallowed', async () => {
  await using t = await setup()
  const inner = new Error('inner')
  const unit = t.engine.session(async ({ db }) => {
    await db.insertInto('notes').values(note(1)).execute()
    await t.engine.session(async () => Promise.reject(inner)).catch(() => {})
  })
  await expect(unit).rejects.toMatchObject({ code: 'COMMIT_ROLLED_BACK', cause: inner })
  expect(await ids(t)).toEqual([])
})

test("propagation 'new' outlives the rollback around it", async () => {
  await using t = await setup()
  await t.engine
    .session(async ({ db }) => {
      await db.insertInto('notes').values(note(1)).execute()
      await t.engine.session((own) => own.db.insertInto('notes').values(note(2)).execute(), {
        propagation: 'new',
      })
      throw new Error('outer')
    })
    .catch(() => {})
  expect(await ids(t)).toEqual([2])
})

test("propagation 'mandatory' needs a session, 'never' refuses one", async () => {
  await using t = await setup()
  const nothing = async () => {}
  await expect(t.engine.session(nothing, { propagation: 'mandatory' })).rejects.toMatchObject({
    code: 'SESSION_REQUIRED',
  })
  await expect(
    t.engine.session(() => t.engine.session(nothing, { propagation: 'never' })),
  ).rejects.toMatchObject({ code: 'SESSION_FORBIDDEN' })
})

test('a swallowed failure cannot be committed: the error names the first one', async () => {
  await using t = await setup()
  const unit = t.engine.session(async ({ db }) => {
    await db.insertInto('notes').values(note(1)).execute()
    await db
      .insertInto('notes')
      .values(note(1))
      .execute()
      .catch(() => {})
  })
  await expect(unit).rejects.toMatchObject({
    code: 'COMMIT_ROLLED_BACK',
    cause: { code: 'UNIQUE_VIOLATION' },
  })
  expect(await ids(t)).toEqual([])
})

test('after a failure the statements behind it name it as their cause', async () => {
  await using t = await setup()
  const settled = await t.engine
    .session(async ({ db }) => {
      const all = await Promise.allSettled(
        [note(1), note(1), note(2)].map((n) => db.insertInto('notes').values(n).execute()),
      )
      throw Object.assign(new Error('look'), { all })
    })
    .catch((error: { all: PromiseSettledResult<unknown>[] }) => error.all)
  expect(settled.map((one) => one.status)).toEqual(['fulfilled', 'rejected', 'rejected'])
  expect(settled[2]).toMatchObject({
    reason: { code: 'TRANSACTION_ABORTED', cause: { code: 'UNIQUE_VIOLATION' } },
  })
})

test('work that nobody awaited turns the commit into a rollback', async () => {
  await using t = await setup()
  const unit = t.engine.session(async ({ db }) => {
    void db
      .insertInto('notes')
      .values(note(1))
      .execute()
      .catch(() => {})
  })
  await expect(unit).rejects.toMatchObject({ code: 'UNAWAITED_WORK' })
  expect(await ids(t)).toEqual([])
})

test('a session is of no use after its end', async () => {
  await using t = await setup()
  const escaped = await t.engine.session(async (session) => session)
  await expect(escaped.db.selectFrom('notes').selectAll().execute()).rejects.toMatchObject({
    code: 'SESSION_CLOSED',
  })
  expect(() => escaped.afterCommit(() => {})).toThrow(
    expect.objectContaining({ code: 'SESSION_CLOSED' }),
  )
})

test('rollbackOnly undoes the writes and still gives the result back', async () => {
  await using t = await setup()
  const result = await t.engine.session(async (session) => {
    await session.db.insertInto('notes').values(note(1)).execute()
    session.rollbackOnly()
    return 404
  })
  expect(result).toBe(404)
  expect(await ids(t)).toEqual([])
})

test('rollbackOnly gives the result back also if a part had failed', async () => {
  await using t = await setup()
  const result = await t.engine.session(async (session) => {
    await t.engine.session(() => Promise.reject(new Error('part'))).catch(() => {})
    session.rollbackOnly()
    return 404
  })
  expect(result).toBe(404)
})

test('an autocommit session commits each statement and holds no lease between them', async () => {
  await using t = await setup()
  await t.engine.session(
    async ({ db }) => {
      await db.insertInto('notes').values(note(1)).execute()
      expect(t.engine.stats().inUse).toBe(0)
      expect(await ids(t)).toEqual([1])
    },
    { mode: 'autocommit' },
  )
})

test('a deadline inside a transaction dooms it: nothing of it can be committed', async () => {
  await using t = await setup()
  const unit = t.engine.session(
    async ({ db }) => {
      await db.insertInto('notes').values(note(1)).execute()
      await sql`select pg_sleep(60)`.execute(db).catch(() => {})
      await db.insertInto('notes').values(note(2)).execute()
    },
    { deadline: Deadline.after(200) },
  )
  await expect(unit).rejects.toMatchObject({ kind: expect.stringMatching(/timeout|transaction/) })
  expect(await ids(t)).toEqual([])
})

test('a connection that dies between statements is a typed error and nothing stays', async () => {
  await using t = await setup()
  const unit = t.engine.session(async (session) => {
    await session.db.insertInto('notes').values(note(1)).execute()
    const { rows } = await session.query<{ pid: number }>('select pg_backend_pid() as pid')
    await t.witness('select pg_terminate_backend($1)', [rows[0]?.pid])
    await session.db.insertInto('notes').values(note(2)).execute()
  })
  await expect(unit).rejects.toMatchObject({
    kind: 'connection',
    outcome: 'rolledBack',
    retryable: true,
  })
  expect(await ids(t)).toEqual([])
})

test('a first statement that got no connection dooms the unit although its error was swallowed', async () => {
  await using t = await setup({ size: 1, overflow: 0, acquireTimeoutMs: 1_000 })
  const held = await t.engine.acquire()
  const unit = t.engine.session(async ({ db }) => {
    await db
      .insertInto('notes')
      .values(note(1))
      .execute()
      .catch(() => held.release())
    await db.insertInto('notes').values(note(2)).execute()
  })
  await expect(unit).rejects.toMatchObject({ code: 'TRANSACTION_ABORTED' })
  expect(await ids(t)).toEqual([])
})

test('an autocommit session whose callback does not await a statement is not said to be undone', async () => {
  await using t = await setup()
  let insert: Promise<unknown> | undefined
  const unit = t.engine.session(
    async ({ db }) => {
      await db.insertInto('notes').values(note(1)).execute()
      insert = db
        .insertInto('notes')
        .values(note(2))
        .execute()
        .catch((error: unknown) => error)
    },
    { mode: 'autocommit' },
  )
  const unknown = { code: 'UNAWAITED_WORK', outcome: 'unknown' }
  await expect(unit).rejects.toMatchObject(unknown)
  expect(await insert).toMatchObject(unknown)
  expect(await ids(t)).toContain(1)
})
