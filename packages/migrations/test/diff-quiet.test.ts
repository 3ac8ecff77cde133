import { expect, test } from 'vitest'
import { diffCatalogues } from '../src/diff/diff.ts'
import { schemaWorld } from './catalogue-world.ts'

const long = 'a_name_that_goes_on_and_on_until_the_server_has_had_enough_of_it_and_cuts_it'

interface Pair {
  readonly title: string
  readonly one: string
  readonly other: string
}

const PAIRS: readonly Pair[] = [
  {
    title: "serial's own default",
    one: 'create table t (a serial)',
    other:
      "create sequence t_a_seq as int; create table t (a int not null default nextval('t_a_seq')); alter sequence t_a_seq owned by t.a",
  },
  {
    title: 'the sequence of a serial by another name',
    one: 'create table t (a serial)',
    other: 'create table u (a serial); alter table u rename to t',
  },
  {
    title: 'the index behind a constraint',
    one: 'create table t (a int unique)',
    other:
      'create table t (a int); create unique index t_a_key on t (a); alter table t add unique using index t_a_key',
  },
  {
    title: "a primary key's NOT NULL",
    one: 'create table t (a int primary key)',
    other: 'create table t (a int not null primary key)',
  },
  {
    title: 'NO ACTION',
    one: 'create table t (a int primary key, b int references t)',
    other:
      'create table t (a int primary key, b int references t match simple on delete no action on update no action not deferrable)',
  },
  {
    title: 'the usual order of an index',
    one: 'create table t (a int); create index i on t (a)',
    other: 'create table t (a int); create index i on t using btree (a int4_ops asc nulls last)',
  },
  {
    title: 'other spelling',
    one: "create table t (a varchar(3) default 'x' check (a in ('x','y')), b timestamptz default now()); create view v as select * from t",
    other:
      `CREATE TABLE public.T ("a" character   varying(3) DEFAULT (varchar 'x'), b timestamp with time zone default CURRENT_TIMESTAMP, check (a = any (array['x'::varchar,'y']))); alter table t alter b set default now(); create view public.v as (select t.a, b from public.t t)`.replace(
        'select t.a, b from public.t t',
        'select a, b from public.t',
      ),
  },
  {
    title: 'names that are cut',
    one: `create table t (a int); create index ${long}1 on t (a)`,
    other: `create table t (a int); create index ${long.slice(0, 63)} on t (a)`,
  },
  {
    title: 'the order of columns and objects',
    one: 'create table t (a int, b int); create table u ()',
    other: 'create table u (); create table t (b int, a int)',
  },
  {
    title: 'names of other conventions',
    one: 'create table t (a int, b text, c int primary key, unique (b), check (a > 0)); create index on t (a); create index on t (lower(b)); alter table t add foreign key (a) references t',
    other:
      'create table t (a int, b text, c int constraint pk_t primary key, constraint uq_t_b unique (b), constraint ck_t_a check (a > 0)); create index ix_t_a on t (a); create index t_lower_ix on t (lower(b)); alter table t add constraint t_a_foreign foreign key (a) references t',
  },
  {
    title: 'the name of a NOT NULL',
    one: 'create table t (a int not null)',
    other: 'create table t (a int constraint must not null)',
  },
  {
    title: 'version tables',
    one: '',
    other:
      'create table kysely_migration (name text primary key); create table kysely_migration_lock (id text primary key); create schema aquifer; create table aquifer.revision (id text)',
  },
  {
    title: 'objects of an extension',
    one: 'create extension pg_trgm',
    other: 'create extension pg_trgm version "1.5"',
  },
  {
    title: 'the comment of a new database',
    one: '',
    other: "comment on schema public is 'standard public schema'",
  },
  {
    title: 'whether a materialized view holds rows',
    one: 'create materialized view m as select 1 as a',
    other: 'create materialized view m as select 1 as a with no data',
  },
]

test.each(PAIRS)('no difference: $title', async ({ one, other }) => {
  await using first = await schemaWorld(one)
  await using second = await schemaWorld(other)
  const [a, b] = [await first.read(), await second.read()]

  expect(diffCatalogues(a, b)).toEqual([])
  expect(diffCatalogues(b, a)).toEqual([])
})

test('a table by another name keeps its keys', async () => {
  await using first = await schemaWorld(
    'create table people (id int primary key, mail text unique)',
  )
  await using second = await schemaWorld(
    'create table users (id int primary key, mail text unique)',
  )
  const renames = [{ from: 'people', to: 'users' }]

  const plan = diffCatalogues(await first.read(), await second.read(), { renames })

  expect(plan.map(({ kind }) => kind)).toEqual(['renameTable'])
})

test('a name that somebody chose is a difference', async () => {
  await using first = await schemaWorld('create table t (a int constraint mine unique)')
  await using second = await schemaWorld('create table t (a int unique)')

  const plan = diffCatalogues(await first.read(), await second.read())

  expect(plan.map(({ kind }) => kind)).toEqual(['dropConstraint', 'addConstraint'])
})

test('what is not selected is not there', async () => {
  await using world = await schemaWorld(
    'create schema a; create schema b; create table a.t (x int); create table a.log (x int); create index i on a.t (x); create table b.t (x int)',
  )

  const catalogue = await world.read({
    schemas: ['a'],
    filter: ({ kind, name }) => name !== 'log' && kind !== 'index',
  })

  expect(catalogue.schemas).toEqual([{ name: 'a' }])
  expect(catalogue.tables).toMatchObject([{ schema: 'a', name: 't', indexes: [] }])
})

test('a version table may have any name', async () => {
  await using empty = await schemaWorld()
  await using other = await schemaWorld('create schema m; create table m.done (id int)')

  const catalogue = await other.read({ schemas: ['public', 'm'], versionTables: ['done'] })

  expect(diffCatalogues(await empty.read(), catalogue).map(({ kind }) => kind)).toEqual([
    'createSchema',
  ])
})
