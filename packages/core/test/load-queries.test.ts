import { type SelectQueryBuilder, sql } from 'kysely'
import { expect, test } from 'vitest'
import { countOf, explainLoad, load, setup } from './load-world.ts'

const ids = { columns: ['id'] } as const
const bothWays = test.each(['lateral', 'selectin'] as const)

/** What the edges of a query are loaded by, without running it. */
const strategiesOf = (query: SelectQueryBuilder<never, never, unknown>) =>
  Object.fromEntries(explainLoad(query).edges.map(({ edge, strategy }) => [edge, strategy]))
// biome-ignore lint/suspicious/noExplicitAny: any query will do
const chosen = (query: any) => strategiesOf(query)

bothWays('%s leaves the columns of the query as they are', async (strategy) => {
  await using t = await setup()
  const { db } = t.engine
  const spec = { posts: { ...ids, limit: 1, strategy }, parent: ids } as const
  const posts = [{ id: 1 }]
  const parent = { id: 1 }
  const whole = { id: 2, name: 'bob', secret: null, balance: 2n, parentId: 1 }
  const users = db.selectFrom('users').where('users.id', '=', 2)
  const edges = load('users', spec)
  expect(await users.selectAll().$call(edges).execute()).toEqual([{ ...whole, posts, parent }])
  expect(await users.selectAll('users').$call(edges).execute()).toEqual([
    { ...whole, posts, parent },
  ])
  expect(await users.select('users.name as id').$call(edges).execute()).toEqual([
    { id: 'bob', posts, parent },
  ])
  const joined = users.innerJoin('profiles', 'profiles.userId', 'users.id').selectAll().$call(edges)
  expect(await joined.execute()).toEqual([{ ...whole, id: 3, userId: 2, bio: null, posts, parent }])
  const unqualified = users
    .where('name', '=', 'bob')
    .orderBy('balance')
    .select('secret')
    .$call(edges)
  expect(await unqualified.execute()).toEqual([{ secret: null, posts, parent }])
})

bothWays('%s reaches groups, distinct rows and unions by their columns', async (strategy) => {
  await using t = await setup()
  const { db } = t.engine
  const author = load('posts', { author: { columns: ['name'], strategy } })
  const grouped = db
    .selectFrom('posts')
    .select(({ fn }) => ['authorId', fn.countAll().as('posts')])
    .groupBy('authorId')
    .orderBy('authorId', 'desc')
  expect(await grouped.$call(author).execute()).toEqual([
    { authorId: 3, posts: 4n, author: { name: 'cy' } },
    { authorId: 2, posts: 4n, author: { name: 'bob' } },
    { authorId: 1, posts: 4n, author: { name: 'ada' } },
  ])
  const distinct = db.selectFrom('posts').select('authorId').distinct().orderBy('authorId').limit(1)
  expect(await distinct.$call(author).execute()).toEqual([{ authorId: 1, author: { name: 'ada' } }])
  const united = db
    .selectFrom('posts')
    .select('authorId')
    .where('id', '=', 1)
    .unionAll(db.selectFrom('posts').select('authorId').where('id', '=', 3))
  expect(await united.$call(author).execute()).toEqual([
    { authorId: 2, author: { name: 'bob' } },
    { authorId: 1, author: { name: 'ada' } },
  ])
  const nameless = db.selectFrom('posts').select(({ fn }) => fn.max('title').as('last'))
  const failing = async () => nameless.$call(author).execute()
  await expect(failing()).rejects.toMatchObject({ code: 'LOAD_KEY_MISSING' })
})

test('several sources of one query have edges of their own', async () => {
  await using t = await setup()
  const rows = await t.engine.db
    .selectFrom('posts as p')
    .innerJoin('users as u', 'u.id', 'p.authorId')
    .select(['p.id', 'u.name'])
    .where('p.id', '<', 3)
    .orderBy('p.id')
    .$call(load('posts', { comments: ids }, { alias: 'p' }))
    .$call(
      load('users', { roles: { columns: ['name'] }, n: countOf('users', 'posts') }, { alias: 'u' }),
    )
    .execute()
  expect(rows).toEqual([
    { id: 1, name: 'bob', comments: [{ id: 12 }, { id: 24 }], roles: [{ name: 'editor' }], n: 4 },
    { id: 2, name: 'cy', comments: [{ id: 1 }, { id: 13 }, { id: 25 }], roles: [], n: 4 },
  ])
})

bothWays('%s reads through CTEs, and lets one that writes run once', async (strategy) => {
  await using t = await setup()
  const { db } = t.engine
  const posts = load('users', { posts: { ...ids, limit: 1, strategy } }, { alias: 'chosen' })
  const reading = db
    .with('chosen', (cte) =>
      cte.selectFrom('users').select(['id', 'name']).where('name', '=', 'cy'),
    )
    .selectFrom('chosen')
    .select('name')
  expect(await reading.$call(posts).execute()).toEqual([{ name: 'cy', posts: [{ id: 2 }] }])
  const writing = db
    .with('chosen', (cte) =>
      cte
        .updateTable('users')
        .set({ balance: sql`balance + 1` })
        .where('id', '=', 4)
        .returning(['id', 'balance']),
    )
    .selectFrom('chosen')
    .select('balance')
  expect(await writing.$call(posts).execute()).toEqual([{ balance: 5n, posts: [] }])
  const hiding = db
    .with('posts', (cte) => cte.selectFrom('users').select('id'))
    .selectFrom('users')
    .select('users.id')
    .$call(load('users', { posts: true }))
  expect(() => hiding.compile()).toThrow(expect.objectContaining({ code: 'LOAD_CTE' }))
})

bothWays('%s goes by the rows of a query with a limit, locked or not', async (strategy) => {
  await using t = await setup()
  const { db } = t.engine
  const edges = load('users', { posts: { ...ids, limit: 1, strategy }, parent: ids })
  const two = db.selectFrom('users').select('name').orderBy('id', 'desc').limit(2).offset(1)
  const wanted = [
    { name: 'cy', posts: [{ id: 2 }], parent: { id: 1 } },
    { name: 'bob', posts: [{ id: 1 }], parent: { id: 1 } },
  ]
  expect(await two.$call(edges).execute()).toEqual(wanted)
  expect(await two.forUpdate().$call(edges).execute()).toEqual(wanted)
  const named = db
    .selectFrom('users')
    .select(['name', sql<number>`-id`.as('id')])
    .orderBy('id')
    .limit(1)
  expect(await named.$call(load('users', { children: ids })).execute()).toEqual([
    { name: 'di', id: -4, children: [] },
  ])
  const random = db
    .selectFrom('users')
    .select('id')
    .where(sql<boolean>`random() >= 0`)
    .orderBy('id')
  expect(await random.$call(edges).executeTakeFirst()).toMatchObject({ id: 1, posts: [{ id: 3 }] })
})

test('a strategy that is not asked for is chosen by the query', async () => {
  await using t = await setup()
  const { db } = t.engine
  const edges = load('users', {
    posts: { load: { author: true, comments: true } },
    parent: true,
    profile: true,
  })
  const all = db.selectFrom('users').select('id')
  const inside = { 'posts.author': 'joined', parent: 'joined', profile: 'lateral' }
  const apart = { ...inside, posts: 'selectin', 'posts.comments': 'selectin' }
  const within = { ...inside, posts: 'lateral', 'posts.comments': 'lateral' }
  expect(chosen(all.$call(edges))).toEqual(apart)
  expect(chosen(all.orderBy('id').limit(50).$call(edges))).toEqual(apart)
  expect(chosen(all.limit(50).$call(edges))).toEqual(within)
  expect(chosen(all.limit(5).$call(edges))).toEqual(within)
  expect(chosen(all.where('id', '=', 7).$call(edges))).toEqual(within)
  expect(chosen(all.where(sql<boolean>`random() < 1`).$call(edges))).toEqual(within)
  expect(chosen(all.where(sql<boolean>`lower(name) = ${'x'}`).$call(edges))).toEqual(apart)
  const unsafe = {
    posts: { strategy: 'lateral', load: { comments: { strategy: 'selectin' } } },
  } as const
  expect(() => all.$call(load('users', unsafe)).compile()).toThrow(
    expect.objectContaining({ code: 'LOAD_STRATEGY' }),
  )
})

test('streams have whole rows', async () => {
  await using t = await setup()
  const query = t.engine.db
    .selectFrom('users')
    .select('name')
    .orderBy('id')
    .$call(load('users', { posts: { ...ids, limit: 1, strategy: 'selectin' }, parent: ids }))
  const rows: unknown[] = []
  for await (const row of query.stream(1)) rows.push(row)
  expect(rows).toEqual(await query.execute())
  expect(rows[1]).toEqual({ name: 'bob', posts: [{ id: 1 }], parent: { id: 1 } })
})

test('what has no place for edges is refused by name', async () => {
  await using t = await setup()
  const { db } = t.engine
  const loaded = db
    .selectFrom('users')
    .select('id')
    .$call(load('users', { posts: true }))
  const refused: [code: string, make: () => unknown][] = [
    ['LOAD_SUBQUERY', () => db.selectFrom(loaded.as('u')).selectAll().compile()],
    [
      'LOAD_SUBQUERY',
      () =>
        db
          .selectFrom('users')
          .select('id')
          .union(loaded as never)
          .compile(),
    ],
    [
      'LOAD_SUBQUERY',
      () =>
        db
          .with('u', () => loaded)
          .selectFrom('u')
          .selectAll()
          .compile(),
    ],
    [
      'LOAD_ALIAS',
      () =>
        db
          .selectFrom('users as u')
          .select('u.id')
          .$call(load('users', { posts: true }))
          .compile(),
    ],
    ['LOAD_TWICE', () => loaded.$call(load('users', { posts: true })).compile()],
    ['LOAD_NOT_SENT', () => explainLoad(db.selectFrom('users').select('id'))],
  ]
  for (const [code, make] of refused) expect(make, code).toThrow(expect.objectContaining({ code }))
})

test('EXPLAIN explains', async () => {
  await using t = await setup()
  const [line] = await t.engine.db
    .selectFrom('users')
    .select('id')
    .$call(load('users', { posts: true }))
    .explain()
  expect(Object.keys(line ?? {})).toEqual(['QUERY PLAN'])
})
