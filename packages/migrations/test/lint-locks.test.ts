import { expect, test } from 'vitest'
import { buildChange } from '../src/lint/build-change.ts'
import { Known } from '../src/lint/known.ts'
import { judge } from '../src/lint/lint.ts'
import { LOCK_MODES, locksOf } from '../src/lint/lock.ts'
import { openParser } from '../src/lint/parser.ts'
import { setup } from './setup.ts'

const parser = await openParser()

const TABLES = `
  create table u (id int primary key);
  create table t (id int primary key, a int, b int, note varchar(30), amount numeric(10, 2), at timestamptz);
  create table other (t_id int);
  create table p (a int) partition by list (a);
  create table p1 partition of p for values in (1);
  create table p2 (a int);
  create view v as select 1 as a;
  create materialized view m as select 1 as a;
  create index t_a on t (a);
  create unique index t_b on t (b);
  create function f() returns trigger language plpgsql as 'begin return new; end';
  create trigger g before insert on t for each row execute function f();
  alter table t add constraint c check (a > 0) not valid, add constraint k foreign key (b) references u not valid`

function changeOf(...statements: string[]) {
  const steps = statements.map((sql) => ({
    sql,
    unit: 'call' as const,
    locate: () => ({ line: 1, column: 1 }),
    ignores: [],
  }))
  return buildChange(parser, { file: 'x', direction: 'up', byRunner: true, steps, troubles: [] })
}

/** Everything of ours that the schema above has made, for a statement that comes after it. */
function knownTables(): Known {
  const known = new Known()
  known.beginChange()
  for (const statement of changeOf(TABLES).statements) known.apply(statement)
  known.beginChange()
  return known
}

test.each([
  'create index on t (b)',
  'create unique index on t (b)',
  'drop index t_a',
  'reindex table t',
  'alter table t add column c int',
  'alter table t add column c int references u',
  'alter table t add constraint x check (a > 0)',
  'alter table t add constraint x foreign key (a) references u',
  'alter table t add constraint x foreign key (a) references u not valid',
  'alter table t validate constraint c',
  'alter table t add unique (a)',
  'alter table t add constraint x unique using index t_b',
  'alter table t drop constraint c',
  'alter table t drop constraint k',
  'alter table t alter a set not null',
  'alter table t alter a drop not null',
  'alter table t alter a set default 1',
  'alter table t alter a type bigint',
  'alter table t alter a set statistics 10',
  'alter table t set (fillfactor = 90)',
  'alter table t disable trigger g',
  'alter table t enable row level security',
  'alter table p attach partition p2 for values in (2)',
  'alter table p detach partition p1',
  'create table p3 partition of p for values in (3)',
  'create table kid (x int) inherits (t)',
  'create table new (id int references u)',
  'alter table t rename to t9',
  'alter table t rename a to a9',
  'alter index t_a rename to t_a9',
  'drop table t',
  'drop view v',
  'truncate other',
  'cluster t using t_a',
  'refresh materialized view m',
  'drop trigger g on t',
  'create trigger h before insert on t for each row execute function f()',
  'create policy y on t',
  'create rule r as on insert to other do nothing',
  'lock table t in share row exclusive mode',
  'update t set a = 1',
  'delete from t',
  'insert into other values (1)',
])('the locks of "%s" are those that the server takes', async (sql) => {
  await using t = await setup()
  await t.witness(TABLES)
  const [statement] = changeOf(sql).statements
  const told = locksOf(statement!.node, knownTables()).map(({ table, mode }) => [table.name, mode])

  const tables = await t.witness<{ oid: number; name: string }>(
    `select oid, relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'm', 'v')`,
  )
  const names = new Map(tables.map(({ oid, name }) => [oid, name]))
  await t.witness('begin')
  await t.witness(sql)
  const held = await t.witness<{ relation: number; mode: string }>(
    'select relation, mode from pg_locks where pid = pg_backend_pid() and relation is not null',
  )
  await t.witness('rollback')

  const strongest = new Map<string, number>()
  for (const { relation, mode } of held) {
    const name = names.get(relation)
    const rank = LOCK_MODES.indexOf(modeOf(mode))
    if (name !== undefined && rank >= 0)
      strongest.set(name, Math.max(rank, strongest.get(name) ?? 0))
  }
  expect(Object.fromEntries(told)).toEqual(
    Object.fromEntries([...strongest].map(([name, rank]) => [name, LOCK_MODES[rank]])),
  )
})

/** `ShareRowExclusiveLock` is SHARE ROW EXCLUSIVE. */
function modeOf(mode: string) {
  const words = mode.replace(/Lock$/, '').match(/[A-Z][a-z]+/g) ?? []
  return words.join(' ').toUpperCase() as (typeof LOCK_MODES)[number]
}

const REWRITES = [
  'volatile-default',
  'generated-column',
  'identity-column',
  'type-change-rewrites',
  'table-rewrite',
]

test.each([
  ['alter table t add c uuid default gen_random_uuid()', true],
  ['alter table t add c timestamptz default clock_timestamp()', true],
  ['alter table t add c timestamptz default now()', false],
  ["alter table t add c jsonb default '{}'", false],
  ["alter table t add c text default lower('X') || to_char(now(), 'YYYY')", false],
  ['alter table t add c bigserial', true],
  ['alter table t add c int', false],
  ['alter table t add c int generated always as (a * 2) stored', true],
  ['alter table t add c int generated always as (a * 2) virtual', false],
  ['alter table t add c bigint generated always as identity', true],
  ['alter table t alter a type bigint', true],
  ['alter table t alter a type integer', false],
  ['alter table t alter note type varchar(40)', false],
  ['alter table t alter note type text', false],
  ['alter table t alter note type varchar(20)', true],
  ['alter table t alter note type varchar', false],
  ['alter table t alter note type varchar(40) using note', false],
  ['alter table t alter note type varchar(40) using upper(note)', true],
  ['alter table t alter amount type numeric(12, 2)', false],
  ['alter table t alter amount type numeric', false],
  ['alter table t alter amount type numeric(12, 4)', true],
  ['alter table t alter amount type numeric(8, 2)', true],
  ['alter table t alter at type timestamptz(6)', false],
  ['alter table t alter at type timestamptz(3)', true],
  ['alter table t set unlogged', true],
  ['cluster t using t_a', true],
] as const)('"%s" rewrites the table: %s', async (sql, rewrites) => {
  await using t = await setup()
  await t.witness(TABLES)
  await t.witness('insert into t select i, i, null, i, i from generate_series(1, 10) i')
  const file = async () => (await t.witness(`select pg_relation_filenode('t') as file`))[0]?.file
  const before = await file()
  const [server] = await t.witness(`select current_setting('server_version_num')::int as version`)
  if (sql.endsWith('virtual') && Number(server?.version) < 180_000)
    await expect(t.witness(sql)).rejects.toMatchObject({ code: '42601' })
  else await t.witness(sql)
  expect((await file()) !== before).toBe(rewrites)

  const changes = [changeOf(TABLES), changeOf(sql)]
  const options = { serverVersion: 18, smallTableRows: 0, exclude: new Set<string>() }
  const found = judge(changes, options).findings.map(({ rule }) => rule)
  expect(REWRITES.some((rule) => found.includes(rule))).toBe(rewrites)
})
