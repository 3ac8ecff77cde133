import { expect, expectTypeOf, test } from 'vitest'
import * as c from '../src/columns.ts'
import { defineModel } from '../src/index.ts'
import { loaders } from '../src/load/index.ts'
import {
  belongsTo,
  ContextError,
  hasMany,
  manyToMany,
  softDelete,
  tenant,
  unscoped,
} from '../src/models.ts'
import { setupModels } from './model-world.ts'

const authors = defineModel(
  'authors',
  { id: c.integer().primaryKey(), ...softDelete() },
  {
    relations: {
      posts: hasMany('posts', 'authorId'),
      tags: manyToMany('tags', { through: 'authorTags', from: 'authorId', to: 'tagId' }),
    },
  },
)
const posts = defineModel(
  'posts',
  { id: c.integer().primaryKey(), authorId: c.integer(), ...softDelete() },
  { relations: { author: belongsTo('authors', 'authorId'), notes: hasMany('notes', 'postId') } },
)
const notes = defineModel(
  'notes',
  { id: c.integer().primaryKey(), postId: c.integer(), ...softDelete() },
  { relations: { post: belongsTo('posts', 'postId') } },
)
const tags = defineModel('tags', { id: c.integer().primaryKey(), ...softDelete() })
const authorTags = defineModel('authorTags', {
  authorId: c.integer().primaryKey(),
  tagId: c.integer().primaryKey(),
  ...softDelete(),
})
const shops = defineModel(
  'shops',
  { id: c.integer().primaryKey() },
  { relations: { papers: hasMany('papers', 'shopId') } },
)
const papers = defineModel(
  'papers',
  { id: c.integer().primaryKey(), shopId: c.integer(), ...tenant(), ...softDelete() },
  { relations: { shop: belongsTo('shops', 'shopId') } },
)

const models = { authors, posts, notes, tags, authorTags, shops, papers }
const { load, loadInto, loadJson, explainLoad, countOf, existsOf, maxOf, some, every, none } =
  loaders(models)

const north = '00000000-0000-4000-8000-00000000000a'
const south = '00000000-0000-4000-8000-00000000000b'

/** Of author 1 post 2, of post 1 note 2, of the tags 2, and the row between author 1 and tag 3 are deleted; so is author 3 of post 4. */
const ddl = `
  create table authors (id int primary key, deleted_at timestamptz);
  create table posts (id int primary key, author_id int not null, deleted_at timestamptz);
  create table notes (id int primary key, post_id int not null, deleted_at timestamptz);
  create table tags (id int primary key, deleted_at timestamptz);
  create table author_tags (author_id int, tag_id int, deleted_at timestamptz, primary key (author_id, tag_id));
  create table shops (id int primary key);
  create table papers (id int primary key, shop_id int not null, tenant_id uuid not null, deleted_at timestamptz);
  insert into authors values (1, null), (2, null), (3, now());
  insert into posts values (1, 1, null), (2, 1, now()), (3, 2, now()), (4, 3, null);
  insert into notes values (1, 1, null), (2, 1, now()), (3, 2, null);
  insert into tags values (1, null), (2, now()), (3, null);
  insert into author_tags values (1, 1, null), (1, 2, null), (1, 3, now());
  insert into shops values (1);
  insert into papers values (1, 1, '${north}', null), (2, 1, '${south}', null), (3, 1, '${south}', now())`

const setup = () => setupModels(models, ddl)

const edgesBy = (strategy: 'lateral' | 'selectin' | 'auto') =>
  ({
    posts: { columns: ['id'], strategy, load: { notes: { columns: ['id'], strategy } } },
    tags: { columns: ['id'], strategy },
    postCount: countOf('authors', 'posts', { strategy }),
    hasPosts: existsOf('authors', 'posts', { strategy }),
    lastTag: maxOf('authors', 'tags', 'id', { strategy }),
  }) as const

const seen = [
  {
    id: 1,
    posts: [{ id: 1, notes: [{ id: 1 }] }],
    tags: [{ id: 1 }],
    postCount: 1,
    hasPosts: true,
    lastTag: 1,
  },
  { id: 2, posts: [], tags: [], postCount: 0, hasPosts: false, lastTag: null },
]

const all = [
  {
    id: 1,
    posts: [
      { id: 1, notes: [{ id: 1 }, { id: 2 }] },
      { id: 2, notes: [{ id: 3 }] },
    ],
    tags: [{ id: 1 }, { id: 2 }, { id: 3 }],
    postCount: 2,
    hasPosts: true,
    lastTag: 3,
  },
  { id: 2, posts: [{ id: 3, notes: [] }], tags: [], postCount: 1, hasPosts: true, lastTag: null },
  { id: 3, posts: [{ id: 4, notes: [] }], tags: [], postCount: 1, hasPosts: true, lastTag: null },
]

const everyWay = test.each(['lateral', 'selectin', 'auto'] as const)

everyWay('%s shows no deleted row of any side', async (strategy) => {
  await using t = await setup()
  const { db } = t.engine
  const query = db.selectFrom('authors').select('id').orderBy('id')
  expect(await query.$call(load('authors', edgesBy(strategy))).execute()).toEqual(seen)
  const rows = await loadInto(db, 'authors', [{ id: 1 }, { id: 2 }], edgesBy(strategy))
  expect(rows).toEqual(seen)
})

everyWay('%s lifts the scopes that the query lifts', async (strategy) => {
  await using t = await setup()
  const query = t.engine.db.selectFrom('authors').select('id').orderBy('id')
  const edges = load('authors', edgesBy(strategy))
  const lifting = unscoped('softDelete')
  expect(await query.$call(edges).$call(lifting).execute()).toEqual(all)
  expect(await query.$call(lifting).$call(edges).execute()).toEqual(all)
  const streamed: unknown[] = []
  for await (const row of query.$call(edges).$call(lifting).stream()) streamed.push(row)
  expect(streamed).toEqual(all)
})

test('keys that are sent in a second flight keep the scopes of the query', async () => {
  await using t = await setup()
  const query = t.engine.db
    .selectFrom('authors')
    .select('id')
    .limit(5)
    .$call(load('authors', edgesBy('selectin')))
  expect(explainLoad(query).flights).toBe(2)
  const byId = (rows: readonly { id: number }[]) => rows.toSorted((a, b) => a.id - b.id)
  expect(byId(await query.execute())).toEqual(seen)
  expect(byId(await query.$call(unscoped('softDelete')).execute())).toEqual(all)
})

test('a query that lifts a scope locks nothing and can be asked again', async () => {
  await using t = await setup()
  const query = t.engine.db
    .selectFrom('authors')
    .select('id')
    .$call(unscoped('softDelete'))
    .$call(load('authors', { posts: true }))
  const { flights, edges } = explainLoad(query)
  expect({ flights, strategy: edges[0]?.strategy }).toEqual({ flights: 1, strategy: 'selectin' })
  const grouped = query.groupBy('id')
  expect(await grouped.orderBy('id').execute()).toMatchObject([{ id: 1 }, { id: 2 }, { id: 3 }])
})

test.each(['joined', 'lateral', 'selectin', 'auto'] as const)(
  '%s gives null for a deleted parent',
  async (strategy) => {
    await using t = await setup()
    const { db } = t.engine
    const edges = { author: { columns: ['id'], strategy } } as const
    const query = db.selectFrom('posts').select(['id', 'authorId']).where('id', '!=', 3)
    const loading = query.orderBy('id').$call(load('posts', edges))
    const rows = await loading.execute()
    expectTypeOf(rows[0]?.author).toEqualTypeOf<{ id: number } | null | undefined>()
    const wanted = [
      { id: 1, authorId: 1, author: { id: 1 } },
      { id: 4, authorId: 3, author: null },
    ]
    expect(rows).toEqual(wanted)
    const hand = [
      { id: 1, authorId: 1 },
      { id: 4, authorId: 3 },
    ]
    expect(await loadInto(db, 'posts', hand, edges)).toEqual(wanted)
    expect(await loading.$call(unscoped('softDelete')).execute()).toEqual([
      { id: 1, authorId: 1, author: { id: 1 } },
      { id: 2, authorId: 1, author: { id: 1 } },
      { id: 4, authorId: 3, author: { id: 3 } },
    ])
  },
)

test('conditions on related rows take no deleted row into account', async () => {
  await using t = await setup()
  const query = t.engine.db.selectFrom('authors').select('id').orderBy('id')
  const lifting = unscoped('softDelete')
  const later = query.where(some('authors', 'posts', (e) => e('id', '>', 1)))
  const first = query.where(every('authors', 'posts', (e) => e('id', '=', 1)))
  const childless = query.where(none('authors', 'posts'))
  expect(await later.execute()).toEqual([])
  expect(await later.$call(lifting).execute()).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }])
  expect(await first.execute()).toEqual([{ id: 1 }, { id: 2 }])
  expect(await first.$call(lifting).execute()).toEqual([])
  expect(await childless.execute()).toEqual([{ id: 2 }])
  expect(await childless.$call(lifting).execute()).toEqual([])
  expect(await query.where(some('authors', 'tags', (e) => e('id', '>', 1))).execute()).toEqual([])
})

test('the JSON of a query lifts what the query lifts', async () => {
  await using t = await setup()
  const { db } = t.engine
  const edges = load('authors', edgesBy('auto'))
  const query = db.selectFrom('authors').select('id').orderBy('id').$call(edges)
  expect(JSON.parse(await loadJson(db, query))).toEqual(seen)
  expect(JSON.parse(await loadJson(db, query.$call(unscoped('softDelete'))))).toEqual(all)
})

everyWay('%s brings the rows of the tenant alone', async (strategy) => {
  await using t = await setup()
  const { db } = t.engine
  const edges = { papers: { columns: ['id'], strategy } } as const
  const query = db.selectFrom('shops').select('id').$call(load('shops', edges))
  const as = <T>(who: string, run: () => Promise<T>) =>
    t.engine.session(run, { context: { tenant: who } })
  expect(await as(north, () => query.execute())).toEqual([{ id: 1, papers: [{ id: 1 }] }])
  expect(await as(south, () => query.execute())).toEqual([{ id: 1, papers: [{ id: 2 }] }])
  expect(await as(south, () => loadInto(db, 'shops', [{ id: 1 }], edges))).toEqual([
    { id: 1, papers: [{ id: 2 }] },
  ])
  expect(await as(south, () => query.$call(unscoped('softDelete')).execute())).toEqual([
    { id: 1, papers: [{ id: 2 }, { id: 3 }] },
  ])
  await expect(query.execute()).rejects.toThrow(ContextError)
  await expect(loadInto(db, 'shops', [{ id: 1 }], edges)).rejects.toThrow(ContextError)
  expect(await query.$call(unscoped('softDelete', 'tenant')).execute()).toEqual([
    { id: 1, papers: [{ id: 1 }, { id: 2 }, { id: 3 }] },
  ])
})
