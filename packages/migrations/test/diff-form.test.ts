import { describe, expect, test } from 'vitest'
import { type DiffOptions, diffCatalogues } from '../src/diff/diff.ts'
import { schemaWorld } from './catalogue-world.ts'

async function plan(before: string, after: string, options: DiffOptions = {}) {
  await using old = await schemaWorld(before)
  await using next = await schemaWorld(after)
  return diffCatalogues(await old.read(), await next.read(), options)
}

const t = 'create table t (a int, b varchar(10))'

describe('a table in use', () => {
  test('gets an index concurrently, outside of a transaction', async () => {
    expect(await plan(t, `${t}; create index i on t (a)`)).toEqual([
      {
        kind: 'createIndex',
        object: { kind: 'index', schema: 'public', name: 'i', of: 't' },
        sql: ['create index concurrently i on public.t USING btree (a)'],
        down: ['drop index concurrently public.i'],
        lock: 'SHARE UPDATE EXCLUSIVE',
        rewrite: false,
        destructive: false,
        transactional: false,
      },
    ])
  })

  test('gets a foreign key and a check that are validated later', async () => {
    const [check, key] = await plan(
      `create table u (id int primary key); ${t}`,
      `create table u (id int primary key); ${t}; alter table t add constraint k foreign key (a) references u, add constraint c check (a > 0)`,
    )
    expect(check).toMatchObject({
      sql: [
        'alter table public.t add constraint c CHECK ((a > 0)) not valid',
        'alter table public.t validate constraint c',
      ],
      transactional: false,
    })
    expect(key).toMatchObject({
      sql: [
        'alter table public.t add constraint k FOREIGN KEY (a) REFERENCES public.u(id) not valid',
        'alter table public.t validate constraint k',
      ],
      lock: 'SHARE ROW EXCLUSIVE',
      transactional: false,
    })
  })

  test('gets NOT NULL by way of a check', async () => {
    const [step] = await plan(t, 'create table t (a int not null, b varchar(10))')
    expect(step).toMatchObject({
      kind: 'alterColumn',
      sql: [
        'alter table public.t add constraint t_a_not_null_check check (a is not null) not valid',
        'alter table public.t validate constraint t_a_not_null_check',
        'alter table public.t alter column a set not null',
        'alter table public.t drop constraint t_a_not_null_check',
      ],
      down: ['alter table public.t alter column a drop not null'],
      destructive: true,
      transactional: false,
    })
  })

  test('gets a key made of an index', async () => {
    const [step] = await plan(t, `${t}; alter table t add constraint u unique (a) deferrable`)
    expect(step).toMatchObject({
      sql: [
        'create unique index concurrently u on public.t (a)',
        'alter table public.t add constraint u unique using index u deferrable',
      ],
      transactional: false,
    })
  })
})

test('a table that is new gets everything at once', async () => {
  const operations = await plan(
    '',
    `create table u (id int primary key); create table t (a int not null unique check (a > 0) references u); create index i on t (a)`,
  )
  expect(operations.map(({ kind, transactional }) => [kind, transactional])).toEqual([
    ['createTable', true],
    ['createTable', true],
  ])
  expect(operations.at(-1)?.sql).toEqual([
    expect.stringContaining('create table public.t (\n  a integer not null,\n'),
    'create index i on public.t USING btree (a)',
  ])
})

test('everything shares a transaction if nobody uses the tables', async () => {
  const operations = await plan(
    t,
    'create table t (a int not null unique check (a > 0), b varchar(10)); create index i on t (b)',
    { online: false },
  )
  expect(operations.every(({ transactional }) => transactional)).toBe(true)
})

describe('marked as destructive', () => {
  test.each([
    ['a table that goes', t, '', true],
    ['a column that goes', t, 'create table t (a int)', true],
    ['a type that is narrower', t, 'create table t (a int, b varchar(9))', true],
    ['a type that is wider', t, 'create table t (a bigint, b varchar(11))', false],
    [
      'a column that must be there',
      t,
      'create table t (a int, b varchar(10), c int not null)',
      true,
    ],
    [
      'a column with a default',
      t,
      'create table t (a int, b varchar(10), c int not null default 1)',
      false,
    ],
    ['a label that goes', "create type e as enum ('a', 'b')", "create type e as enum ('a')", true],
    [
      'labels in another order',
      "create type e as enum ('a', 'b')",
      "create type e as enum ('b', 'a')",
      false,
    ],
    ['a view that goes', `${t}; create view v as select a from t`, t, true],
    ['an index that goes', `${t}; create index i on t (a)`, t, false],
  ])('%s', async (_, before, after, expected) => {
    const operations = await plan(before, after)
    expect(operations.some(({ destructive }) => destructive)).toBe(expected)
  })
})

describe('writes every row again', () => {
  test.each([
    ['another length of a text', t, 'create table t (a int, b varchar(11))', false],
    ['a text without a length', t, 'create table t (a int, b text)', false],
    ['another size of a number', t, 'create table t (a bigint, b varchar(10))', true],
    ['more digits', 'create table n (a numeric(8,2))', 'create table n (a numeric(9,2))', false],
    [
      'more digits after the point',
      'create table n (a numeric(8,2))',
      'create table n (a numeric(9,3))',
      true,
    ],
    [
      'a default that is the same for all',
      t,
      'create table t (a int, b varchar(10), c timestamptz default now())',
      false,
    ],
    [
      'a default of each row',
      t,
      'create table t (a int, b varchar(10), c uuid default gen_random_uuid())',
      true,
    ],
    [
      'a stored value',
      t,
      'create table t (a int, b varchar(10), c int generated always as (a) stored)',
      true,
    ],
    ['a table that is not logged', t, 'create unlogged table t (a int, b varchar(10))', true],
  ])('%s: %s to %s', async (_, before, after, expected) => {
    await using world = await schemaWorld(before)
    const [table] = (await world.read()).tables
    const node = async () => {
      const { rows } = await world.client.query(
        `select relfilenode from pg_class where relname = '${table?.name}'`,
      )
      return rows[0].relfilenode
    }
    const old = await node()
    const operations = await plan(before, after)

    await world.up(operations)

    expect(operations.some(({ rewrite }) => rewrite)).toBe(expected)
    expect((await node()) !== old).toBe(expected)
  })
})

describe('a new label of an enum', () => {
  const before = "create type e as enum ('a'); create table t (x e)"
  test('shares the transaction of what does not use it', async () => {
    const [step] = await plan(before, "create type e as enum ('a', 'b'); create table t (x e)")
    expect(step).toMatchObject({ kind: 'addEnumValue', transactional: true, destructive: false })
  })

  test('is committed before it is used', async () => {
    const [step] = await plan(
      before,
      "create type e as enum ('a', 'b'); create table t (x e default 'b')",
    )
    expect(step).toMatchObject({ kind: 'addEnumValue', transactional: false })
  })
})

test('an index that could not be built is built again', async () => {
  await using old = await schemaWorld(`${t}; insert into t values (1), (1)`)
  await old.run('create unique index concurrently i on t (a)').catch(() => {})
  await old.run('truncate t')
  await using next = await schemaWorld(`${t}; create unique index i on t (a)`)

  const operations = diffCatalogues(await old.read(), await next.read())
  await old.up(operations)

  expect(operations.map(({ kind }) => kind)).toEqual(['dropIndex', 'createIndex'])
  const { rows } = await old.client.query(
    `select indisvalid from pg_index where indexrelid = 'i'::regclass`,
  )
  expect(rows).toEqual([{ indisvalid: true }])
})

test('a value goes on to count from the largest one', async () => {
  await using old = await schemaWorld('create table t (a int not null); insert into t values (41)')
  await using next = await schemaWorld('create table t (a int generated by default as identity)')

  await old.up(diffCatalogues(await old.read(), await next.read()))

  const { rows } = await old.client.query('insert into t default values returning a')
  expect(rows).toEqual([{ a: 42 }])
})

test('a partition follows its parent without being told', async () => {
  const partitions = 'create table p1 partition of p for values in (1)'
  const operations = await plan(
    `create table p (a int, b int) partition by list (a); ${partitions}`,
    `create table p (a int, b bigint default 3, c text) partition by list (a); ${partitions}`,
  )
  expect(operations.map(({ object }) => object.of)).toEqual(['p', 'p', 'p'])
})
