import { createEngine, presets } from '@aquifer/core'
import { expect, test } from 'vitest'
import { readCatalogue } from '../src/catalogue/read.ts'
import { schemaWorld } from './catalogue-world.ts'
import { CHANGES } from './schema-changes.ts'

const shop = `
  create extension citext;
  create type mood as enum ('sad', 'ok');
  create table users (id bigint generated always as identity primary key, email citext not null unique, mood mood default 'ok');
  create table posts (id serial primary key, author bigint references users on delete cascade, title varchar(80) not null);
  create index posts_title on posts (lower(title) desc) include (author) where author is not null;
  create view authors as select distinct author from posts;
  comment on column posts.title is 'what it is about'`

test('a catalogue is plain data', async () => {
  await using world = await schemaWorld(shop)

  const catalogue = await world.read()

  expect(JSON.parse(JSON.stringify(catalogue))).toEqual(catalogue)
})

test('the same schema gives the same text, in whatever order it was made', async () => {
  await using one = await schemaWorld(
    'create table b (x int); create table a (x int); create index i on b (x)',
  )
  await using other = await schemaWorld(
    'create table a (x int); create table b (x int); create index i on b (x)',
  )

  expect(JSON.stringify(await one.read())).toBe(JSON.stringify(await other.read()))
})

test('every object is found with its parts', async () => {
  await using world = await schemaWorld(shop)

  const { tables, enums, views, extensions } = await world.read()

  expect(extensions).toMatchObject([{ name: 'citext', schema: 'public' }])
  expect(enums).toEqual([{ schema: 'public', name: 'mood', values: ['sad', 'ok'] }])
  expect(views).toMatchObject([{ name: 'authors', columns: [{ name: 'author', type: 'bigint' }] }])
  const [posts, users] = tables
  expect(posts?.columns).toMatchObject([
    { name: 'id', type: 'integer', serial: { name: 'posts_id_seq' }, notNull: true },
    { name: 'author', type: 'bigint', notNull: false },
    { name: 'title', type: 'character varying(80)', comment: 'what it is about' },
  ])
  expect(posts?.constraints).toMatchObject([
    {
      name: 'posts_author_fkey',
      type: 'foreignKey',
      columns: ['author'],
      references: { schema: 'public', table: 'users', columns: ['id'], onDelete: 'cascade' },
    },
    { name: 'posts_pkey', type: 'primaryKey', columns: ['id'] },
  ])
  expect(posts?.indexes).toMatchObject([
    {
      name: 'posts_title',
      keys: [{ expression: 'lower((title)::text)', descending: true }],
      include: ['author'],
      predicate: '(author IS NOT NULL)',
      valid: true,
    },
  ])
  expect(users?.columns).toMatchObject([
    { name: 'id', identity: { always: true } },
    { name: 'email', type: 'public.citext' },
    { name: 'mood', type: 'public.mood', default: "'ok'::public.mood" },
  ])
})

test('what an object cannot be without is named', async () => {
  await using world = await schemaWorld(shop)

  const { dependencies } = await world.read()

  expect(dependencies['view public.authors']).toEqual(['column public.posts.author'])
  expect(dependencies['column public.users.email']).toEqual(['extension citext'])
  expect(dependencies['constraint public.posts.posts_author_fkey']).toEqual([
    'column public.posts.author',
    'column public.users.id',
    'constraint public.users.users_pkey',
  ])
})

test('the number of statements does not grow with the schema, and the search path is left as it was', async () => {
  await using world = await schemaWorld(
    ...CHANGES.flatMap(({ after }, at) => [
      `create schema s${at}; set search_path = s${at}`,
      ...after,
    ]),
    'set search_path = s1, s2',
  )
  let statements = 0
  const counting = {
    query: (text: string, values?: unknown[]) => {
      statements += 1
      return world.client.query(text, values)
    },
  }

  const { tables } = await readCatalogue(counting)

  expect(tables.length).toBeGreaterThan(80)
  expect(statements).toBe(16)
  const { rows } = await world.client.query('show search_path')
  expect(rows).toEqual([{ search_path: 's1, s2' }])
})

test('a session of an engine reads in one read-only transaction', async () => {
  await using world = await schemaWorld(shop)
  const engine = createEngine({
    profile: { ...presets.migrations, url: world.url, service: 'test', version: '0' },
  })
  try {
    const catalogue = await engine.session((session) => readCatalogue(session), {
      isolation: 'repeatable read',
      readOnly: true,
    })

    expect(catalogue).toEqual(await world.read())
  } finally {
    await engine.close()
  }
})

test('an index that could not be built is not valid', async () => {
  await using world = await schemaWorld('create table t (a int); insert into t values (1), (1)')
  await expect(world.run('create unique index concurrently i on t (a)')).rejects.toThrow(
    'could not create unique index',
  )

  const { tables } = await world.read()

  expect(tables[0]?.indexes).toMatchObject([{ name: 'i', valid: false }])
})
