import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { countOf, existsOf, load, loadJson, setup, sumOf } from './load-world.ts'

test('the server writes rows with their edges as JSON', async () => {
  await using t = await setup()
  const { db } = t.engine
  const query = db
    .selectFrom('users as u')
    .select(['u.name', 'u.balance', sql<number>`1`.as('one')])
    .orderBy('u.id')
    .limit(2)
    .$call(
      load(
        'users',
        {
          posts: {
            columns: ['id', 'views', 'price', 'tags'],
            limit: 1,
            load: { author: { columns: ['parentId'] } },
          },
          roles: { columns: ['name'], pivot: ['roleId'] },
          count: countOf('users', 'posts'),
          views: sumOf('users', 'posts', 'views'),
          any: existsOf('users', 'roles'),
          children: 'raise',
        },
        { alias: 'u' },
      ),
    )
  expect(JSON.parse(await loadJson(db, query))).toEqual([
    {
      name: 'ada',
      balance: '9007199254740993',
      one: 1,
      posts: [
        {
          id: 3,
          views: '9007199254740996',
          price: '3.500',
          tags: [3, null],
          author: { parentId: null },
        },
      ],
      roles: [
        { name: 'admin', pivot: { roleId: 1 } },
        { name: 'editor', pivot: { roleId: 2 } },
      ],
      count: 4,
      views: '36028797018964002',
      any: true,
    },
    {
      name: 'bob',
      balance: '2',
      one: 1,
      posts: [
        {
          id: 1,
          views: '9007199254740994',
          price: '1.500',
          tags: [1, null],
          author: { parentId: 1 },
        },
      ],
      roles: [{ name: 'editor', pivot: { roleId: 2 } }],
      count: 4,
      views: '36028797018963994',
      any: true,
    },
  ])
  expect(await loadJson(db, db.selectFrom('seats').selectAll().where('hall', '=', 'none'))).toBe(
    '[]',
  )
  expect(
    JSON.parse(await loadJson(db, db.selectFrom('seats').selectAll().where('number', '>', 1n))),
  ).toEqual([{ hall: 'a', number: '9007199254740993', label: 'far' }])
})
