import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import * as c from '../src/columns.ts'
import { ddlOf, defineModel } from '../src/models.ts'
import { queriesOf } from '../src/query/index.ts'
import { setupModels } from './model-world.ts'

const users = defineModel('users', {
  id: c.uuid().primaryKey().default(sql`gen_random_uuid()`),
  email: c.text().unique(),
  nickName: c.text().nullable().unique(),
  age: c.integer().default(30),
  passwordHash: c.text().default('').hidden(),
})
const seats = defineModel('seats', {
  row: c.integer().primaryKey(),
  place: c.integer().primaryKey(),
  takenBy: c.text().nullable(),
})
const notes = defineModel('notes', { body: c.text() })
const models = { users, seats, notes }

const userQueries = queriesOf(users)
const seatQueries = queriesOf(seats)

const setup = async () => {
  const t = await setupModels(models, ddlOf(models).join(';'))
  return Object.assign(t, { db: t.engine.db })
}

test('a row is found by its key, without hidden columns unless they are named', async () => {
  await using t = await setup()
  const { id } = await t.db
    .insertInto('users')
    .values({ email: 'a@b.c' })
    .returning('id')
    .executeTakeFirstOrThrow()

  const row = { id, email: 'a@b.c', nickName: null, age: 30 }
  expect(await userQueries.find(t.db, id)).toEqual(row)
  expect(await userQueries.getOrThrow(t.db, id)).toEqual(row)
  expect(await userQueries.find(t.db, id, { select: ['passwordHash'] })).toEqual({
    passwordHash: '',
  })
  expect(await userQueries.find(t.db, randomUUID())).toBeUndefined()
  await expect(userQueries.getOrThrow(t.db, randomUUID())).rejects.toMatchObject({
    code: 'NOT_FOUND',
    kind: 'data',
    model: 'users',
  })
})

test('a row is found by a key of several columns', async () => {
  await using t = await setup()
  await t.db
    .insertInto('seats')
    .values([
      { row: 1, place: 2 },
      { row: 2, place: 1 },
    ])
    .execute()

  expect(await seatQueries.find(t.db, { row: 2, place: 1 })).toEqual({
    row: 2,
    place: 1,
    takenBy: null,
  })
  expect(await seatQueries.find(t.db, { row: 2, place: 2 })).toBeUndefined()
})

const filled = async () => {
  const t = await setup()
  await t.db
    .insertInto('seats')
    .values(
      [3, 1, 2].flatMap((row) =>
        [2, 1].map((place) => ({ row, place, takenBy: place === 1 ? null : 'ann' })),
      ),
    )
    .execute()
  return t
}

test('a list has its order, ties by key, and its part', async () => {
  await using t = await filled()
  const places = async (options?: Parameters<typeof seatQueries.list>[1]) =>
    (await seatQueries.list(t.db, options)).map(({ row, place }) => `${row}.${place}`)

  expect(await places()).toEqual(['1.1', '1.2', '2.1', '2.2', '3.1', '3.2'])
  expect(await places({ orderBy: { place: 'desc' } })).toEqual([
    '1.2',
    '2.2',
    '3.2',
    '1.1',
    '2.1',
    '3.1',
  ])
  expect(await places({ where: { takenBy: null } })).toEqual(['1.1', '2.1', '3.1'])
  expect(await places({ where: { takenBy: 'ann', row: 2 } })).toEqual(['2.2'])
  expect(await places({ where: (e) => e('row', '>', 1), limit: 2, offset: 1 })).toEqual([
    '2.2',
    '3.1',
  ])
  expect(await seatQueries.first(t.db, { orderBy: { row: 'desc' } })).toMatchObject({
    row: 3,
    place: 1,
  })
  expect(await seatQueries.first(t.db, { where: { row: 9 } })).toBeUndefined()
})

test('a page tells how long the whole list is, wherever it lies', async () => {
  await using t = await filled()
  const page = (limit: number, offset: number, where = {}) =>
    seatQueries.page(t.db, { limit, offset, where, select: ['row'] })

  expect(await page(2, 1)).toEqual({ rows: [{ row: 1 }, { row: 2 }], total: 6 })
  expect(await page(2, 10)).toEqual({ rows: [], total: 6 })
  expect(await page(0, 0)).toEqual({ rows: [], total: 6 })
  expect(await page(2, 0, { row: 9 })).toEqual({ rows: [], total: 0 })
})

test('rows are counted, and asked for whether there are any', async () => {
  await using t = await filled()

  expect(await seatQueries.count(t.db)).toBe(6)
  expect(await seatQueries.count(t.db, { where: { takenBy: null } })).toBe(3)
  expect(await seatQueries.exists(t.db)).toBe(true)
  expect(await seatQueries.exists(t.db, { where: { row: 9 } })).toBe(false)
  expect(await seatQueries.exists(t.db, { where: (e) => e('row', '<', 2) })).toBe(true)
})

test('of many callers at once one makes the row, and all get it', async () => {
  await using t = await setup()

  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, age) =>
      userQueries.getOrCreate(t.db, { email: 'a@b.c' }, { age }),
    ),
  )

  expect(answers.filter(({ created }) => created)).toHaveLength(1)
  expect(new Set(answers.map(({ row }) => row.id)).size).toBe(1)
  expect(await t.witness('select count(*)::int as rows from users')).toEqual([{ rows: 1 }])
})

test('who waits for a row that is not committed makes it if it is rolled back', async () => {
  await using t = await setup()
  const unit = t.engine.openSession()
  await userQueries.getOrCreate(unit.db, { email: 'a@b.c' }, { age: 1 })

  const waiting = userQueries.getOrCreate(t.db, { email: 'a@b.c' }, { age: 2 })
  await expect
    .poll(() => t.witness(`select from pg_stat_activity where wait_event_type = 'Lock'`))
    .toHaveLength(1)
  await unit[Symbol.asyncDispose]()

  expect(await waiting).toMatchObject({ row: { age: 2 }, created: true })
})

test('a row that is in the way by another column is a violation of its constraint', async () => {
  await using t = await setup()
  await userQueries.getOrCreate(t.db, { email: 'a@b.c' }, { nickName: 'ann' })

  await expect(
    userQueries.getOrCreate(t.db, { email: 'other@b.c' }, { nickName: 'ann' }),
  ).rejects.toMatchObject({ code: 'UNIQUE_VIOLATION', constraint: 'users_nick_name_key' })
})

test('the queries take part in a session', async () => {
  await using t = await setup()
  await t.engine
    .session(async (session) => {
      await userQueries.getOrCreate(session.db, { email: 'a@b.c' }, {})
      throw new Error('undone')
    })
    .catch(() => {})
  expect(await userQueries.exists(t.db)).toBe(false)
})

const wrong = { where: { email: undefined } } as object
test.each<[string, string, (db: Awaited<ReturnType<typeof setup>>['db']) => Promise<unknown>]>([
  ['a value that is undefined', 'QUERY_UNDEFINED', (db) => userQueries.list(db, wrong)],
  [
    'no value to get or create by',
    'QUERY_UNDEFINED',
    (db) => userQueries.getOrCreate(db, { age: undefined }, { email: '' }),
  ],
  [
    'a column that is none',
    'QUERY_COLUMN',
    (db) => userQueries.count(db, { where: { toString: 1 } as object }),
  ],
  [
    'an order by none',
    'QUERY_COLUMN',
    (db) => userQueries.list(db, { orderBy: { constructor: 'asc' } as object }),
  ],
  ['half a row', 'QUERY_LIMIT', (db) => userQueries.list(db, { limit: 0.5 })],
  ['a part before the first', 'QUERY_LIMIT', (db) => userQueries.list(db, { offset: -1 })],
  ['half a key', 'QUERY_KEY', (db) => seatQueries.find(db, { row: 1 } as never)],
  ['a key that is undefined', 'QUERY_KEY', (db) => userQueries.find(db, undefined as never)],
  ['a key where there is none', 'QUERY_KEY', (db) => queriesOf(notes).find(db, 1 as never)],
])('refused: %s', async (_, code, ask) => {
  await using t = await setup()
  await expect((async () => ask(t.db))()).rejects.toMatchObject({ code })
})
