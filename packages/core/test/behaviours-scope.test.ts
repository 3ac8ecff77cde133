import { type Kysely, type SqlBool, sql } from 'kysely'
import { jsonArrayFrom } from 'kysely/helpers/postgres'
import { expect, test } from 'vitest'
import * as c from '../src/columns.ts'
import { defineModel } from '../src/index.ts'
import { atVersion, softDelete, unscoped } from '../src/models.ts'
import { setupModels } from './model-world.ts'
import { setupShop } from './shop-world.ts'

const shopAuthors = defineModel('shopAuthors', { id: c.integer(), ...softDelete() })

type Shop = Awaited<ReturnType<typeof setupShop>>['engine']['db']

/** What each of these queries answers as rows of texts. */
const answers: [string, (db: Shop) => Promise<unknown[]>, unknown[]][] = [
  [
    'a select',
    (db) => db.selectFrom('authors').select('name').orderBy('id').execute(),
    [{ name: 'ada' }, { name: 'bob' }],
  ],
  [
    'a select of an alias',
    (db) => db.selectFrom('authors as a').select('a.name').orderBy('a.id').execute(),
    [{ name: 'ada' }, { name: 'bob' }],
  ],
  [
    'a condition with OR of the caller',
    (db) => db.selectFrom('authors').select('name').where(sql<SqlBool>`id = 3 or id = 1`).execute(),
    [{ name: 'ada' }],
  ],
  [
    'several tables in FROM',
    (db) =>
      db
        .selectFrom(['authors', 'posts'])
        .select(['name', 'title'])
        .whereRef('authors.id', '=', 'posts.authorId')
        .orderBy('posts.id')
        .execute(),
    [
      { name: 'ada', title: 'one' },
      { name: 'bob', title: 'two' },
    ],
  ],
  [
    'an inner join with itself',
    (db) =>
      db
        .selectFrom('posts as a')
        .innerJoin('posts as b', 'b.authorId', 'a.authorId')
        .select(['a.id as a', 'b.id as b'])
        .orderBy('a.id')
        .execute(),
    [
      { a: 1, b: 1 },
      { a: 2, b: 2 },
      { a: 3, b: 3 },
    ],
  ],
  [
    'a left join keeps the rows on its left',
    (db) =>
      db
        .selectFrom('posts')
        .leftJoin('authors', 'authors.id', 'posts.authorId')
        .select(['title', 'name'])
        .orderBy('posts.id')
        .execute(),
    [
      { title: 'one', name: 'ada' },
      { title: 'two', name: 'bob' },
      { title: 'three', name: null },
      { title: 'four', name: null },
    ],
  ],
  [
    'a right join keeps the rows on its right',
    (db) =>
      db
        .selectFrom('authors')
        .rightJoin('posts', 'posts.authorId', 'authors.id')
        .select(['title', 'name'])
        .orderBy('posts.id')
        .execute(),
    [
      { title: 'one', name: 'ada' },
      { title: 'two', name: 'bob' },
      { title: 'three', name: null },
      { title: 'four', name: null },
    ],
  ],
  [
    'a full join keeps the rows of both sides',
    (db) =>
      db
        .selectFrom('authors')
        .fullJoin('posts', (join) =>
          join.onRef('posts.authorId', '=', 'authors.id').on('title', '<>', 'two'),
        )
        .select(['title', 'name'])
        .orderBy('posts.id')
        .orderBy('authors.id')
        .execute(),
    [
      { title: 'one', name: 'ada' },
      { title: 'two', name: null },
      { title: 'three', name: null },
      { title: 'four', name: null },
      { title: null, name: 'bob' },
    ],
  ],
  [
    'a right join behind a left one',
    (db) =>
      db
        .selectFrom('authors')
        .leftJoin('posts', 'posts.authorId', 'authors.id')
        .rightJoin('tags', 'tags.id', 'authors.id')
        .select(['label', 'name', 'title'])
        .orderBy('tags.id')
        .execute(),
    [
      { label: 'one', name: 'ada', title: 'one' },
      { label: 'two', name: 'bob', title: 'two' },
    ],
  ],
  [
    'a lateral join',
    (db) =>
      db
        .selectFrom('authors as a')
        .innerJoinLateral(
          (eb) =>
            eb
              .selectFrom('posts')
              .select((one) => one.fn.countAll<number>().as('count'))
              .whereRef('posts.authorId', '=', 'a.id')
              .as('p'),
          (join) => join.onTrue(),
        )
        .select(['name', sql<number>`p.count::int`.as('count')])
        .orderBy('a.id')
        .execute(),
    [
      { name: 'ada', count: 1 },
      { name: 'bob', count: 1 },
    ],
  ],
  [
    'a subquery in the selection, and one in a raw fragment',
    (db) =>
      db
        .selectFrom('authors')
        .select((eb) => [
          jsonArrayFrom(
            eb.selectFrom('posts').select('title').whereRef('authorId', '=', 'authors.id'),
          ).as('own'),
          sql<number>`(select count(*)::int from ${eb.selectFrom('posts').select('id')} p)`.as('n'),
        ])
        .where('id', '=', 1)
        .execute(),
    [{ own: [{ title: 'one' }], n: 4 }],
  ],
  [
    'EXISTS and IN',
    (db) =>
      db
        .selectFrom('tags')
        .select('id')
        .where((eb) =>
          eb.or([
            eb.exists(eb.selectFrom('posts').select('id').where('title', '=', 'five')),
            eb('label', 'in', eb.selectFrom('posts').select('title').where('id', '<>', 2)),
          ]),
        )
        .execute(),
    [{ id: 1 }],
  ],
  [
    'set operations',
    (db) =>
      db
        .selectFrom('authors')
        .select('id')
        .union(db.selectFrom('posts').select('id'))
        .except(db.selectFrom('tags').select('id'))
        .orderBy('id')
        .execute(),
    [{ id: 3 }, { id: 4 }],
  ],
  [
    'a CTE that has the name of the model that it reads',
    (db) =>
      db
        .with('authors', (cte) => cte.selectFrom('authors').select(['id', 'name']))
        .selectFrom('authors')
        .select('name')
        .orderBy('id')
        .execute(),
    [{ name: 'ada' }, { name: 'bob' }],
  ],
  [
    'a recursive CTE',
    (db) =>
      db
        .withRecursive('chain', (cte) =>
          cte
            .selectFrom('posts')
            .select('id')
            .where('id', '=', 1)
            .unionAll(
              cte
                .selectFrom('chain')
                .innerJoin('posts', (join) => join.on('posts.id', '=', sql<number>`chain.id + 1`))
                .select('posts.id'),
            ),
        )
        .selectFrom('chain')
        .select('id')
        .orderBy('id')
        .execute(),
    [{ id: 1 }, { id: 2 }, { id: 3 }, { id: 4 }],
  ],
  [
    'a table under its schema',
    (db) => db.withSchema('public').selectFrom('authors').select('name').orderBy('id').execute(),
    [{ name: 'ada' }, { name: 'bob' }],
  ],
  [
    'a group by a key that others depend on, and a lock',
    (db) =>
      db
        .with('numbers', (cte) =>
          cte
            .selectFrom('posts')
            .innerJoin('authors', 'authors.id', 'posts.authorId')
            .select((eb) => ['authors.name', eb.fn.max('posts.id').as('n')])
            .groupBy('authors.id'),
        )
        .selectFrom('numbers')
        .innerJoin('posts', 'posts.id', 'numbers.n')
        .select(['name', 'n'])
        .orderBy('n')
        .forUpdate('posts')
        .execute(),
    [
      { name: 'ada', n: 1 },
      { name: 'bob', n: 2 },
    ],
  ],
]

test.each(answers)('%s sees no deleted row', async (_title, run, rows) => {
  await using t = await setupShop()
  expect(await run(t.engine.db)).toEqual(rows)
})

test('a table that is written as PostgreSQL names it is the same model', async () => {
  await using t = await setupModels(
    { shopAuthors },
    'create table shop_authors (id int, deleted_at timestamptz); insert into shop_authors values (1, null), (2, now())',
  )
  const table = 'shop_authors' as 'shopAuthors'
  expect(await t.engine.db.selectFrom(table).select('id').execute()).toEqual([{ id: 1 }])
})

test('a CTE that shares its name with a model is not scoped, and the model inside of another is', async () => {
  await using t = await setupShop()
  const rows = await t.engine.db
    .with('posts', (cte) => cte.selectFrom('tags').select(['id', 'label']))
    .with('authors', (cte) => cte.selectFrom('posts').select('label'))
    .selectFrom('authors')
    .innerJoin('posts', 'posts.label', 'authors.label')
    .select(['authors.label', 'posts.id'])
    .orderBy('id')
    .execute()
  expect(rows).toEqual([
    { label: 'one', id: 1 },
    { label: 'two', id: 2 },
  ])
})

test('a recursive CTE with the name of a model is itself inside of it', async () => {
  await using t = await setupShop()
  const rows = await t.engine.db
    .withRecursive('posts', (cte) =>
      cte
        .selectFrom('tags')
        .select('id')
        .where('id', '=', 1)
        .unionAll(
          cte
            .selectFrom('posts' as never)
            .innerJoin('tags', (join) => join.on('tags.id', '=', sql<number>`posts.id + 1`))
            .select('tags.id'),
        ),
    )
    .selectFrom('posts')
    .select('id')
    .orderBy('id')
    .execute()
  expect(rows).toEqual([{ id: 1 }, { id: 2 }])
})

test('unscoped lifts a scope from its query and what is inside, not from what is around', async () => {
  await using t = await setupShop()
  const { db } = t.engine
  const all = await db
    .selectFrom('authors')
    .select((eb) => [
      'name',
      eb
        .selectFrom('posts')
        .select((one) => one.fn.countAll().as('n'))
        .whereRef('authorId', '=', 'authors.id')
        .as('n'),
    ])
    .orderBy('id')
    .$call(unscoped('softDelete'))
    .execute()
  expect(all).toEqual([
    { name: 'ada', n: 2n },
    { name: 'bob', n: 1n },
    { name: 'cleo', n: 2n },
  ])
  const inner = await db
    .withSchema('public')
    .selectFrom('authors')
    .select('name')
    .where('id', 'in', (eb) =>
      eb.selectFrom('posts').select('authorId').where('id', '>', 4).$call(unscoped('softDelete')),
    )
    .execute()
  expect(inner).toEqual([{ name: 'ada' }])
})

test.each(['nothing', 'version', 'updatedAt'])(
  '%s is no scope that could be lifted',
  async (name) => {
    await using t = await setupShop()
    const query = t.engine.db.selectFrom('authors').select('id').$call(unscoped(name))
    await expect(query.execute()).rejects.toMatchObject({ code: 'UNSCOPED_UNKNOWN', kind: 'usage' })
  },
)

test('a name that is none is refused at once', () => {
  expect(() => unscoped('soft delete')).toThrow(
    expect.objectContaining({ code: 'UNSCOPED_UNKNOWN' }),
  )
})

test('a stream sees no deleted row', async () => {
  await using t = await setupShop()
  const names: string[] = []
  for await (const { name } of t.engine.db
    .selectFrom('authors')
    .select('name')
    .orderBy('id')
    .stream())
    names.push(name)
  expect(names).toEqual(['ada', 'bob'])
})

test('a query without plugins, in the names of PostgreSQL, sees no deleted row', async () => {
  await using t = await setupShop()
  const plain = t.engine.db.withoutPlugins() as unknown as Kysely<{
    posts: { id: number; author_id: number; title: string }
  }>
  const rows = await plain
    .selectFrom('posts as p')
    .select('author_id')
    .where('id', '>', 3)
    .execute()
  expect(rows).toEqual([{ author_id: null }])
  const removed = plain.deleteFrom('posts').where('author_id', '=', 1)
  expect(await removed.returning('id').execute()).toEqual([{ id: 1 }])
  expect(await removed.$call(unscoped('softDelete')).executeTakeFirst()).toEqual({
    numDeletedRows: 2n,
  })
  const versioned = plain.updateTable('posts').set({ title: 'x' }).$call(atVersion(1))
  await expect(versioned.execute()).rejects.toMatchObject({ code: 'VERSION_PLAIN', kind: 'usage' })
})
