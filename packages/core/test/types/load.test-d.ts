import type { Kysely } from 'kysely'
import { expectTypeOf, test } from 'vitest'
import * as c from '../../src/columns.ts'
import type { DatabaseOf } from '../../src/index.ts'
import { loaders } from '../../src/load/index.ts'
import { belongsTo, defineModel, hasMany } from '../../src/models.ts'
import { countOf, load, loadInto, maxOf, type models, some, sumOf } from '../load-world.ts'

declare const db: Kysely<DatabaseOf<typeof models>>
const users = () => db.selectFrom('users').select('name')
const posts = () => db.selectFrom('posts').select('posts.id')

test('rows have exactly the edges that were asked for', async () => {
  const rows = await users()
    .$call(
      load('users', {
        posts: { columns: ['id', 'createdAt'], load: { comments: { columns: ['body'] } } },
        roles: { columns: ['name'], pivot: ['assignedAt'] },
      }),
    )
    .execute()
  expectTypeOf(rows).toEqualTypeOf<
    {
      name: string
      posts: { id: number; createdAt: Date; comments: { body: string }[] }[]
      roles: { name: string; pivot: { assignedAt: Date } }[]
    }[]
  >()
})

test('an edge without columns has all that are not hidden', async () => {
  const [row] = await users()
    .$call(load('users', { children: true }))
    .execute()
  expectTypeOf(row!.children).toEqualTypeOf<
    { id: number; name: string; balance: bigint; parentId: number | null }[]
  >()
})

test('one row may be missing where its key or its rule allows it', async () => {
  const one = { columns: ['id'] } as const
  const row = await posts()
    .$call(load('posts', { author: one }))
    .executeTakeFirstOrThrow()
  expectTypeOf(row.author).toEqualTypeOf<{ id: number }>()
  const user = await users()
    .$call(load('users', { parent: one, profile: one }))
    .executeTakeFirstOrThrow()
  expectTypeOf(user.parent).toEqualTypeOf<{ id: number } | null>()
  expectTypeOf(user.profile).toEqualTypeOf<{ id: number } | null>()
  const filtered = await posts()
    .$call(load('posts', { author: { ...one, where: (e) => e('name', '=', 'ada') } }))
    .executeTakeFirstOrThrow()
  expectTypeOf(filtered.author).toEqualTypeOf<{ id: number } | null>()
})

test('aggregates have the types of their values', async () => {
  const row = await users()
    .$call(
      load('users', {
        n: countOf('users', 'posts'),
        last: maxOf('users', 'posts', 'createdAt'),
        views: sumOf('users', 'posts', 'views'),
      }),
    )
    .executeTakeFirstOrThrow()
  expectTypeOf(row).toEqualTypeOf<{
    name: string
    n: number
    last: Date | null
    views: string | null
  }>()
})

test('an edge that is declared as needed by nobody is not in the type', async () => {
  const row = await users()
    .$call(load('users', { posts: 'raise', children: { strategy: 'raise' } }))
    .executeTakeFirstOrThrow()
  expectTypeOf(row).toEqualTypeOf<{ name: string }>()
})

test('rows in hand keep their type', async () => {
  const rows = await loadInto(db, 'users', [{ id: 1, mine: true }], {
    posts: { columns: ['id'] },
  })
  expectTypeOf(rows).toExtend<{ id: number; mine: boolean; posts: { id: number }[] }[]>()
  const keyless = await loadInto(db, 'users', [{ mine: true }], { posts: true })
  expectTypeOf(keyless).toEqualTypeOf<'the rows need the columns id'>()
})

test('what cannot be loaded does not compile', () => {
  // @ts-expect-error no such model
  load('people', {})
  // @ts-expect-error no such edge
  load('users', { articles: true })
  // @ts-expect-error no such edge below
  load('users', { posts: { load: { likes: true } } })
  // @ts-expect-error no such column
  load('users', { posts: { columns: ['id', 'body'] } })
  // @ts-expect-error no such column to order by
  load('users', { posts: { orderBy: [['body', 'asc']] } })
  // @ts-expect-error a join would multiply rows
  load('users', { posts: { strategy: 'joined' } })
  // @ts-expect-error one row has no limit
  load('posts', { author: { limit: 1 } })
  // @ts-expect-error no such option
  load('users', { posts: { filter: true } })
  // @ts-expect-error no model between
  load('users', { posts: { pivot: ['id'] } })
  // @ts-expect-error no such column between
  load('users', { roles: { pivot: ['name'] } })
  // @ts-expect-error no such column in the condition
  load('users', { posts: { where: (e) => e('body', '=', 'x') } })
  // @ts-expect-error a value of another type in the condition
  load('users', { posts: { where: (e) => e('id', '=', 'x') } })
  // @ts-expect-error an aggregate of another model
  load('posts', { n: countOf('users', 'posts') })
  // @ts-expect-error no such relation
  some('users', 'articles')
  // @ts-expect-error no such column
  maxOf('users', 'posts', 'body')
})

test('models whose relations lead nowhere do not compile', () => {
  const id = c.integer().primaryKey()
  const a = defineModel('a', { id, bId: c.integer() }, { relations: { b: belongsTo('b', 'bId') } })
  // @ts-expect-error there is no model b
  loaders({ a })
  const d = defineModel('d', { id }, { relations: { a: hasMany('a', 'dId') } })
  // @ts-expect-error a has no column dId
  loaders({ a, b: defineModel('b', { id }), d })
  // @ts-expect-error the model has no such column
  defineModel('e', { id }, { relations: { a: belongsTo('a', 'aId') } })
})
