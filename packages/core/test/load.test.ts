import { expect, test } from 'vitest'
import {
  countOf,
  every,
  existsOf,
  explainLoad,
  load,
  loadInto,
  maxOf,
  minOf,
  none,
  setup,
  some,
  sumOf,
} from './load-world.ts'

const bothWays = test.each(['lateral', 'selectin'] as const)

bothWays('%s brings edges of every kind, to any depth', async (strategy) => {
  await using t = await setup()
  const row = await t.engine.db
    .selectFrom('users')
    .select('name')
    .where('id', '=', 1)
    .$call(
      load('users', {
        posts: {
          columns: ['id', 'createdAt', 'views', 'price', 'tags'],
          strategy,
          where: (e) => e('publishedAt', 'is not', null),
          orderBy: [['createdAt', 'desc']],
          load: {
            comments: { columns: ['id'], strategy, load: { author: { columns: ['name'] } } },
          },
        },
        roles: { columns: ['name'], pivot: ['assignedAt'], strategy },
        parent: { columns: ['name'] },
        profile: { columns: ['bio'] },
        followers: { columns: ['name'], strategy },
        following: { columns: ['name'], strategy },
        children: { columns: ['name'], strategy, load: { parent: { columns: ['name'] } } },
      }),
    )
    .executeTakeFirstOrThrow()
  expect(row).toEqual({
    name: 'ada',
    posts: [
      {
        id: 12,
        createdAt: new Date('2026-01-01T12:00:00Z'),
        views: 9007199254741005n,
        price: '12.500',
        tags: [12, null],
        comments: [
          { id: 11, author: { name: 'cy' } },
          { id: 23, author: { name: 'cy' } },
        ],
      },
      {
        id: 6,
        createdAt: new Date('2026-01-01T06:00:00Z'),
        views: 9007199254740999n,
        price: '6.500',
        tags: [6, null],
        comments: [5, 17, 29].map((id) => ({ id, author: { name: 'ada' } })),
      },
    ],
    roles: [
      { name: 'admin', pivot: { assignedAt: new Date('2026-01-01T00:00:00Z') } },
      { name: 'editor', pivot: { assignedAt: new Date('2026-01-02T00:00:00Z') } },
    ],
    parent: null,
    profile: { bio: 'first' },
    followers: [{ name: 'bob' }, { name: 'cy' }],
    following: [{ name: 'bob' }],
    children: [
      { name: 'bob', parent: { name: 'ada' } },
      { name: 'cy', parent: { name: 'ada' } },
    ],
  })
})

bothWays('%s brings the first rows of each parent, not the first of all', async (strategy) => {
  await using t = await setup()
  const newest = { columns: ['id'], orderBy: [['createdAt', 'desc']], limit: 2, strategy } as const
  const rows = await t.engine.db
    .selectFrom('users')
    .select('id')
    .orderBy('id')
    .$call(load('users', { posts: newest }))
    .execute()
  expect(rows.map(({ posts }) => posts.map(({ id }) => id))).toEqual([
    [12, 9],
    [10, 7],
    [11, 8],
    [],
  ])
})

bothWays('%s brings aggregates', async (strategy) => {
  await using t = await setup()
  const rows = await t.engine.db
    .selectFrom('users')
    .select('id')
    .where('id', 'in', [1, 4])
    .orderBy('id')
    .$call(
      load('users', {
        posts: { columns: ['id'], limit: 1, strategy },
        count: countOf('users', 'posts', { strategy }),
        late: countOf('users', 'posts', { strategy, where: (e) => e('id', '>', 6) }),
        any: existsOf('users', 'roles', { strategy }),
        first: minOf('users', 'posts', 'createdAt', { strategy }),
        last: maxOf('users', 'posts', 'title', { strategy }),
        views: sumOf('users', 'posts', 'views', { strategy }),
      }),
    )
    .execute()
  expect(rows).toEqual([
    {
      id: 1,
      posts: [{ id: 3 }],
      count: 4,
      late: 2,
      any: true,
      first: new Date('2026-01-01T03:00:00Z'),
      last: 'post 9',
      views: '36028797018964002',
    },
    { id: 4, posts: [], count: 0, late: 0, any: false, first: null, last: null, views: null },
  ])
})

bothWays('%s compares keys of several columns whole, and null with nothing', async (strategy) => {
  await using t = await setup()
  const { db } = t.engine
  const seats = await db
    .selectFrom('seats')
    .select('label')
    .orderBy('label')
    .$call(load('seats', { bookings: { columns: ['id'], strategy } }))
    .execute()
  expect(seats).toEqual([
    { label: 'far', bookings: [{ id: 2 }] },
    { label: 'first', bookings: [{ id: 1 }, { id: 5 }] },
    { label: 'other', bookings: [] },
  ])
  const bookings = await db
    .selectFrom('bookings')
    .select('id')
    .orderBy('id')
    .$call(load('bookings', { seat: { columns: ['label'], strategy } }))
    .execute()
  const labels = bookings.map(({ seat }) => seat?.label ?? null)
  expect(labels).toEqual(['first', 'far', null, null, 'first', null])
})

test('loaded rows are found by other values in the same shape of query', async () => {
  await using t = await setup()
  const read = (id: number, from: number, limit: number) =>
    t.engine.db
      .selectFrom('users')
      .select('id')
      .where('id', '=', id)
      .$call(
        load('users', {
          posts: { columns: ['id'], limit, where: (e) => e('id', '>', from), strategy: 'selectin' },
        }),
      )
      .executeTakeFirstOrThrow()
  expect(await read(1, 3, 2)).toEqual({ id: 1, posts: [{ id: 6 }, { id: 9 }] })
  expect(await read(2, 1, 2)).toEqual({ id: 2, posts: [{ id: 4 }, { id: 7 }] })
  expect(await read(2, 7, 1)).toEqual({ id: 2, posts: [{ id: 10 }] })
})

test('edges that are sent by the keys of their parents take the values of their own query', async () => {
  await using t = await setup()
  const read = (name: string, from: number) =>
    t.engine.db
      .selectFrom('users')
      .select('name')
      .where('name', '=', name)
      .limit(1)
      .$call(
        load('users', {
          posts: {
            columns: ['id'],
            where: (e) => e('id', '>', from),
            strategy: 'selectin',
            load: { comments: { columns: ['id'], where: (e) => e('id', '>', from + 10) } },
          },
        }),
      )
      .executeTakeFirstOrThrow()
  expect(
    explainLoad(
      t.engine.db
        .selectFrom('users')
        .select('id')
        .limit(1)
        .$call(load('users', { posts: { strategy: 'selectin' } })),
    ).flights,
  ).toBe(2)
  expect(await read('ada', 9)).toEqual({
    name: 'ada',
    posts: [{ id: 12, comments: [{ id: 23 }] }],
  })
  expect(await read('bob', 7)).toEqual({
    name: 'bob',
    posts: [{ id: 10, comments: [{ id: 21 }] }],
  })
})

test('rows in hand get their edges, each row its own', async () => {
  await using t = await setup()
  const { db } = t.engine
  const rows = await db.selectFrom('users').select(['id', 'parentId']).orderBy('id').execute()
  const same = rows[1]!
  const loaded = await loadInto(db, 'users', [...rows, same], {
    posts: { columns: ['id'], limit: 1, load: { author: { columns: ['name'] } } },
    parent: { columns: ['name'] },
    profile: { columns: ['id'] },
    count: countOf('users', 'posts'),
  })
  expect(loaded).toHaveLength(5)
  expect(loaded[4]).toBe(same)
  expect(rows).toEqual([
    {
      id: 1,
      parentId: null,
      posts: [{ id: 3, author: { name: 'ada' } }],
      parent: null,
      profile: { id: 1 },
      count: 4,
    },
    {
      id: 2,
      parentId: 1,
      posts: [{ id: 1, author: { name: 'bob' } }],
      parent: { name: 'ada' },
      profile: { id: 3 },
      count: 4,
    },
    {
      id: 3,
      parentId: 1,
      posts: [{ id: 2, author: { name: 'cy' } }],
      parent: { name: 'ada' },
      profile: null,
      count: 4,
    },
    { id: 4, parentId: null, posts: [], parent: null, profile: null, count: 0 },
  ])
})

test('rows in hand with keys of several columns get their edges', async () => {
  await using t = await setup()
  const { db } = t.engine
  const rows = await db.selectFrom('bookings').selectAll().orderBy('id').execute()
  await loadInto(db, 'bookings', rows, {
    seat: { columns: ['label'], load: { bookings: { columns: ['id'] } } },
  })
  expect(rows.map((row) => (row as unknown as { seat: unknown }).seat)).toEqual([
    { label: 'first', bookings: [{ id: 1 }, { id: 5 }] },
    { label: 'far', bookings: [{ id: 2 }] },
    null,
    null,
    { label: 'first', bookings: [{ id: 1 }, { id: 5 }] },
    null,
  ])
  expect(await loadInto(db, 'bookings', [], { seat: true })).toEqual([])
})

test('conditions on related rows pick some, every or none', async () => {
  await using t = await setup()
  const { db } = t.engine
  const names = async (where: ReturnType<typeof some>) =>
    (await db.selectFrom('users').select('name').where(where).orderBy('id').execute()).map(
      ({ name }) => name,
    )
  expect(await names(some('users', 'posts'))).toEqual(['ada', 'bob', 'cy'])
  expect(await names(none('users', 'posts'))).toEqual(['di'])
  expect(await names(some('users', 'posts', (e) => e('id', '=', 1)))).toEqual(['bob'])
  expect(await names(every('users', 'posts', (e) => e('id', '<', 12)))).toEqual(['bob', 'cy', 'di'])
  expect(await names(every('users', 'posts', (e) => e('publishedAt', '>', new Date(0))))).toEqual([
    'di',
  ])
  expect(await names(some('users', 'roles', (e) => e('name', '=', 'editor')))).toEqual([
    'ada',
    'bob',
  ])
  expect(
    await names(some('users', 'children', () => some('users', 'posts', (e) => e('id', '=', 2)))),
  ).toEqual(['ada'])
  const aliased = db
    .selectFrom('users as u')
    .select('u.name')
    .where(some('users', 'profile', undefined, { alias: 'u' }))
  expect(await aliased.orderBy('u.id').execute()).toEqual([{ name: 'ada' }, { name: 'bob' }])
})
