import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { ids, note, setup, type World } from './setup.ts'

const single = { size: 1, overflow: 0 } as const
const refused = { code: 'SECOND_CONNECTION', kind: 'usage' }

const insert = (db: World['engine']['db'], id: number) =>
  db.insertInto('notes').values(note(id)).execute()

test('engine.db inside a Kysely transaction takes part in it (S5)', async () => {
  await using t = await setup(single)
  const unit = t.engine.db.transaction().execute(async (trx) => {
    await insert(trx, 1)
    await insert(t.engine.db, 2)
    expect(await t.engine.db.selectFrom('notes').select('id').execute()).toHaveLength(2)
    throw new Error('undone')
  })
  await expect(unit).rejects.toThrow('undone')
  expect(await ids(t)).toEqual([])
})

test('the first statements of a Kysely transaction take one connection, also if they are issued together (S5)', async () => {
  await using t = await setup({ size: 2, overflow: 0 })
  const unit = t.engine.db.transaction().execute(async (trx) => {
    await Promise.all([insert(t.engine.db, 1), insert(trx, 2), insert(t.engine.db, 3)])
    throw new Error('undone')
  })
  await expect(unit).rejects.toThrow('undone')
  expect(await ids(t)).toEqual([])
  expect(t.engine.stats()).toMatchObject({ acquired: 1, inUse: 0 })
})

test('engine.db streams inside a Kysely transaction', async () => {
  await using t = await setup(single)
  const seen: number[] = []
  await t.engine.db.transaction().execute(async (trx) => {
    await insert(trx, 1)
    for await (const { id } of t.engine.db.selectFrom('notes').select('id').stream(1)) seen.push(id)
  })
  expect(seen).toEqual([1])
})

test('engine.db inside db.connection() runs on its connection', async () => {
  await using t = await setup(single)
  const pid = sql<{ pid: number }>`select pg_backend_pid() as pid`
  await t.engine.db.connection().execute(async (db) => {
    const inside = await pid.execute(t.engine.db)
    expect(inside.rows).toEqual((await pid.execute(db)).rows)
    await t.engine.db.transaction().execute((trx) => insert(trx, 1))
  })
  expect(await ids(t)).toEqual([1])
})

test('engine.db beside a transaction of db.connection() takes no part in it', async () => {
  await using t = await setup(single)
  const beside = { code: 'KYSELY_TRANSACTION_OPEN', kind: 'usage' }
  await t.engine.db.connection().execute(async (db) => {
    for (const owner of [db, t.engine.db]) {
      const begun = Promise.withResolvers<void>()
      const leave = Promise.withResolvers<void>()
      const transaction = owner.transaction().execute(async (trx) => {
        await insert(trx, 1)
        await insert(t.engine.db, 2)
        begun.resolve()
        await leave.promise
        throw new Error('undone')
      })
      await begun.promise
      await expect(insert(t.engine.db, 3)).rejects.toMatchObject(beside)
      const own = t.engine.db.transaction().execute((trx) => insert(trx, 4))
      await expect(own).rejects.toMatchObject(beside)
      leave.resolve()
      await expect(transaction).rejects.toThrow('undone')
    }
    await insert(t.engine.db, 5)
  })
  expect(await ids(t)).toEqual([5])
})

test('engine.db takes part in a controlled transaction that db.connection() has begun', async () => {
  await using t = await setup(single)
  await t.engine.db.connection().execute(async (db) => {
    const trx = await db.startTransaction().execute()
    await insert(trx, 1)
    await insert(t.engine.db, 2)
    await trx.rollback().execute()
    await insert(t.engine.db, 3)
  })
  expect(await ids(t)).toEqual([3])
})

test('a Kysely transaction inside another one is refused by name', async () => {
  await using t = await setup(single)
  const unit = t.engine.db
    .transaction()
    .execute(() => t.engine.db.transaction().execute((trx) => insert(trx, 1)))
  await expect(unit).rejects.toMatchObject({ code: 'KYSELY_TRANSACTION_OPEN' })
})

test('a session inside a Kysely transaction is refused by name, a unit of its own is not', async () => {
  await using t = await setup({ size: 2, overflow: 0 })
  await t.engine.db.transaction().execute(async (trx) => {
    await insert(trx, 1)
    const inside = { code: 'SESSION_INSIDE_KYSELY' }
    for (const options of [{}, { mode: 'autocommit' }, { propagation: 'nested' }] as const)
      await expect(t.engine.session(async () => {}, options)).rejects.toMatchObject(inside)
    await t.engine.session(({ db }) => insert(db, 2), { propagation: 'new' })
  })
  expect(await ids(t)).toEqual([1, 2])
})

test('what would take a second connection inside of a transaction is refused by name (S5)', async () => {
  await using t = await setup(single)
  const attempts = async () => {
    await expect(t.engine.pool.query('select 1')).rejects.toMatchObject(refused)
    await expect(t.engine.pool.connect()).rejects.toMatchObject(refused)
    await expect(t.engine.acquire()).rejects.toMatchObject(refused)
    await expect(t.engine.budget()).rejects.toMatchObject(refused)
    expect(await t.engine.health()).toMatchObject({ ok: false, error: refused })
  }
  await t.engine.session(attempts)
  await t.engine.db.transaction().execute(attempts)
  await t.engine.session(() => t.engine.pool.query('select 1'), { mode: 'autocommit' })
})

test('a unit inside of units that hold every connection is refused instead of waiting for them', async () => {
  await using t = await setup({ size: 2, overflow: 0 })
  const own = <T>(work: (session: { db: World['engine']['db'] }) => Promise<T>) =>
    t.engine.session(work, { propagation: 'new' })
  const unit = own(async ({ db }) => {
    await insert(db, 1)
    await own(async (inner) => {
      await insert(inner.db, 2)
      await own(async () => {})
    })
  })
  await expect(unit).rejects.toMatchObject(refused)
  expect(await ids(t)).toEqual([])
})

test('what a savepoint has left behind takes no connection beside its transaction (S5)', async () => {
  await using t = await setup({ size: 2, overflow: 0 })
  await t.engine.session(async (session) => {
    const ended = Promise.withResolvers<void>()
    const attempts = async () => {
      await ended.promise
      const closed = { code: 'SESSION_CLOSED' }
      const begun = t.engine.session(({ db }) => insert(db, 2))
      await expect(begun).rejects.toMatchObject(closed)
      await expect(insert(t.engine.db, 3)).rejects.toMatchObject(closed)
      await expect(t.engine.pool.query('select 1')).rejects.toMatchObject(refused)
      await t.engine.session(({ db }) => insert(db, 4), { propagation: 'new' })
    }
    let left: Promise<void> | undefined
    await session.savepoint(async ({ db }) => {
      await insert(db, 1)
      left = attempts()
    })
    ended.resolve()
    await left
  })
  expect(await ids(t)).toEqual([1, 4])
})

test('what a session has left behind begins anew, and keeps nothing of it', async () => {
  await using t = await setup(single)
  const ended = Promise.withResolvers<void>()
  const { later } = await t.engine.session(async ({ db }) => {
    await insert(db, 1)
    const begun = ended.promise.then(() => t.engine.session(async (session) => session))
    return { later: begun }
  })
  ended.resolve()
  expect((await later).surrounding).toBeUndefined()
})

test('hooks that run after COMMIT may use any connection', async () => {
  await using t = await setup(single)
  const answers: unknown[] = []
  await t.engine.session(async (session) => {
    await insert(session.db, 1)
    session.afterCommit(async () => {
      answers.push((await t.engine.pool.query('select id from notes')).rows)
    })
  })
  expect(answers).toEqual([[{ id: 1 }]])
})
