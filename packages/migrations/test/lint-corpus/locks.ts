import { apart, given, type Samples, together } from './sample.ts'

/** Rules about locks that are held while PostgreSQL works through the rows. */
export const lockSamples: Readonly<Record<string, Samples>> = {
  'index-not-concurrent': {
    finds: [
      'create index on orders (note)',
      'create unique index "Key" on "Sales"."Orders" ("Note")',
      'begin; create index i on orders (note); commit',
      'do $$ begin create index i on orders (note); end $$',
      "do $$ begin execute 'create index i on orders (note)'; end $$",
      'create table orders (id int); create index on sales.orders (id)',
      'set search_path = sales; create table orders (id int); create index on public.orders (id)',
      'create table "Orders" (id int); create index on orders (id)',
    ],
    quiet: [
      'create index concurrently on orders (note)',
      'create table orders (id bigint); create index on orders (id)',
      'create table if not exists public.orders (id bigint); create index on orders (id)',
      'create table sales.orders as select 1 as id; create index on sales.orders (id)',
      'select 1 as id into orders; create index on orders (id)',
      'create temp table orders (id int); create index on orders (id)',
      'set search_path to sales, public; create table orders (id int); create index on sales.orders (id)',
      'create table a (id int); alter table a rename to orders; create index on orders (id)',
      'create table orders (id int); alter table orders set schema sales; create index on sales.orders (id)',
      'create schema sales create table orders (id int); create index on sales.orders (id)',
      'create function f() returns void language sql as $$ create index i on orders (note) $$',
      "select 'create index i on orders (note)'",
      '-- create index i on orders (note)\nselect 1',
    ],
  },
  'drop-index-not-concurrent': {
    finds: ['drop index i', 'drop index if exists sales."I", j'],
    quiet: [
      'drop index concurrently i',
      'create table t (a int); create index i on t (a); drop index i',
      'drop table i',
    ],
  },
  'concurrently-in-transaction': {
    finds: [
      'begin; create index concurrently i on t (a); commit',
      'begin; drop index concurrently i; commit',
      'begin; reindex table concurrently t; commit',
      'begin; alter table t detach partition p concurrently; commit',
      'begin; vacuum t; commit',
      together('create index concurrently i on t (a)'),
      apart('create index concurrently i on t (a); create index concurrently j on t (b)'),
      given('create index concurrently i on t (a)', { inTransaction: true }),
      'do $$ begin create index concurrently i on t (a); end $$',
    ],
    quiet: [
      'create index concurrently i on t (a)',
      'begin; select 1; commit; create index concurrently i on t (a)',
      'create index concurrently i on t (a); create index concurrently j on t (b)',
      apart('create index concurrently i on t (a)'),
      'begin; create index i on t (a); commit',
    ],
  },
  'reindex-not-concurrent': {
    finds: [
      'reindex table t',
      'reindex index i',
      'reindex (verbose) schema sales',
      'reindex (concurrently off) table t',
    ],
    quiet: [
      'create table t (a int); create index i on t (a); reindex index i',
      'reindex table concurrently t',
      'reindex (concurrently) index i',
      'create table t (a int primary key); reindex table t',
    ],
  },
  'detach-not-concurrent': {
    finds: ['alter table t detach partition p'],
    quiet: [
      'alter table t detach partition p concurrently',
      'create table t (a int) partition by list (a); create table p partition of t default; alter table t detach partition p',
      'alter table t detach partition p finalize',
    ],
  },
  'foreign-key-validated': {
    finds: [
      'alter table t add foreign key (a) references u',
      'alter table only "T" add constraint k foreign key (a, b) references s.u (c, d) on delete cascade',
      'alter table t add column a int default 1 references u',
      'do $$ begin alter table t add foreign key (a) references u; end $$',
    ],
    quiet: [
      'alter table t add check (a > 0)',
      'alter table t add constraint k foreign key (a) references u not enforced',
      'alter table t add constraint k foreign key (a) references u not valid',
      'alter table t add column a int references u',
      'create table t (a int references u)',
      'create table t (a int); alter table t add foreign key (a) references u',
    ],
  },
  'check-validated': {
    finds: [
      'alter table t add check (a > 0)',
      'alter table t add constraint c check (a > 0), add column b int',
      'alter table t add column a int check (a > 0)',
    ],
    quiet: [
      'alter table t add constraint c check (a > 0) not valid',
      'alter table t add constraint c check (a > 0) not enforced',
      'create table t (a int check (a > 0))',
      'create table t (a int); alter table t add check (a > 0)',
      'alter table t alter constraint c not deferrable',
    ],
  },
  'validate-in-same-transaction': {
    finds: [
      'begin; alter table t add constraint c check (a > 0) not valid; alter table t validate constraint c; commit',
      together(
        'alter table t add constraint "C" foreign key (a) references u not valid',
        'alter table public.t validate constraint "C"',
      ),
      given(
        'alter table t add constraint c check (a > 0) not valid; alter table t validate constraint c',
        { inTransaction: true },
      ),
    ],
    quiet: [
      together(
        'alter table t add constraint c check (a > 0) not valid',
        'alter table t drop constraint c',
      ),
      'alter table t add constraint c check (a > 0) not valid; alter table t validate constraint c',
      'begin; alter table t add constraint c check (a > 0) not valid; commit; begin; alter table t validate constraint c; commit',
      'alter table t validate constraint c',
      together(
        'alter table t add constraint c check (a > 0) not valid',
        'alter table t validate constraint d',
      ),
    ],
  },
  'set-not-null': {
    finds: [
      'alter table t alter a set not null',
      'alter table t add constraint c check (a is not null) not valid; alter table t alter a set not null',
      'alter table t add constraint c check (a is not null or b) not valid; alter table t validate constraint c; alter table t alter a set not null',
      'alter table t add constraint n not null a',
      'alter table t add column a int; alter table t alter a set not null',
    ],
    quiet: [
      'alter table t add constraint c check (a is not null) not valid; alter table t validate constraint c; alter table t alter a set not null; alter table t drop constraint c',
      'alter table t add constraint c check (a is not null and b is not null) not valid; alter table t validate constraint c; alter table t alter b set not null',
      'create table t (a int); alter table t alter a set not null',
      'alter table t add constraint n not null a not valid; alter table t validate constraint n',
      'alter table t alter a drop not null',
    ],
  },
  'not-null-without-default': {
    finds: [
      'alter table t add a int not null',
      'alter table t add if not exists a int not null, add b text',
      'alter table t add id uuid primary key',
    ],
    quiet: [
      'alter table t add a bigserial not null',
      'alter table t add a int not null default 0',
      'alter table t add a int',
      'alter table t add a int not null generated always as identity',
      'alter table t add a int not null generated always as (1) stored',
      'create table t (a int not null)',
      'create table t (); alter table t add a int not null',
    ],
  },
  'volatile-default': {
    finds: [
      'alter table t add a uuid default gen_random_uuid()',
      'alter table t add a timestamptz default clock_timestamp()',
      "alter table t add a text default 'x' || pg_catalog.random()::text",
      'alter table t add a int default my_function()',
      'alter table t add a bigserial',
      "alter table t add a bigint default nextval('s')",
    ],
    quiet: [
      'alter table t add a timestamptz default now()',
      'alter table t add a timestamptz default current_timestamp',
      "alter table t add a jsonb default '{}'::jsonb",
      'alter table t add a uuid; alter table t alter a set default gen_random_uuid()',
      'create table t (a uuid default gen_random_uuid())',
      "alter table t add a text default lower('X')",
    ],
  },
  'generated-column': {
    finds: [
      'alter table t add b int generated always as (a * 2) stored',
      'alter table t alter b set expression as (a * 3)',
    ],
    quiet: [
      'alter table t add b int generated always as (a * 2) virtual',
      'create table t (a int, b int generated always as (a * 2) stored)',
      'alter table t alter b drop expression',
    ],
  },
  'identity-column': {
    finds: [
      'alter table t add id bigint generated always as identity',
      'alter table t add id bigint generated by default as identity primary key',
    ],
    quiet: [
      'create table t (id bigint generated always as identity)',
      'alter table t alter id add generated always as identity',
    ],
  },
  'type-change-rewrites': {
    finds: [
      given('alter table t alter a type varchar(50) using upper(a)', {
        columnTypes: new Map([['t.a', 'character varying(30)']]),
      }),
      'alter table t alter a type bigint',
      'alter table t alter a type text',
      'alter table t alter a type varchar(20)',
      'alter table t alter a type timestamptz using a at time zone $$utc$$',
      given('alter table t alter a type varchar(20)', {
        columnTypes: new Map([['t.a', 'character varying(30)']]),
      }),
      given('alter table t alter a type numeric(12,4)', {
        columnTypes: new Map([['t.a', 'numeric(10,2)']]),
      }),
      given('alter table t alter a type bigint', { columnTypes: new Map([['t.a', 'integer']]) }),
    ],
    quiet: [
      given('alter table t alter a type varchar(50)', {
        columnTypes: new Map([['t.a', 'character varying(30)']]),
      }),
      given('alter table s.t alter a type text', {
        columnTypes: new Map([['s.t.a', 'character varying(30)']]),
      }),
      given('alter table t alter a type numeric(12,2)', {
        columnTypes: new Map([['t.a', 'numeric(10,2)']]),
      }),
      given('alter table t alter a type numeric', {
        columnTypes: new Map([['t.a', 'numeric(10,2)']]),
      }),
      given('alter table t alter a type inet', { columnTypes: new Map([['t.a', 'cidr']]) }),
      'create table t (a int); alter table t alter a type bigint',
      'alter table t add a varchar(10); alter table t alter a type varchar(20)',
    ],
  },
  'type-change-under-check': {
    finds: [
      'alter table t add constraint c check (length(a) < 10) not valid; alter table t alter a type varchar(20)',
    ],
    quiet: [
      'alter table t add constraint c check (a > 0) not valid; alter table t alter a set default 1',
      'alter table t add constraint c check (b > 0) not valid; alter table t alter a type varchar(20)',
      'alter table t add constraint c check (length(a) < 10) not valid; alter table t drop constraint c; alter table t alter a type varchar(20)',
    ],
  },
  'unique-built-directly': {
    finds: [
      'alter table t add id uuid primary key',
      'alter table t add unique (a)',
      'alter table t add constraint k primary key (a, b)',
      'alter table t add a text unique',
    ],
    quiet: [
      'alter table t add constraint k unique using index i',
      'alter table t add primary key using index i',
      'create table t (a int unique)',
      'create table t (a int); alter table t add unique (a)',
      'create unique index concurrently i on t (a)',
    ],
  },
  'exclusion-constraint': {
    finds: ['alter table t add constraint e exclude using gist (during with &&)'],
    quiet: [
      'alter table t add check (a > 0)',
      'create table t (during tstzrange, exclude using gist (during with &&))',
      'create table t (during tstzrange); alter table t add exclude using gist (during with &&)',
    ],
  },
  'unique-may-collide': {
    finds: [
      'alter table t add a int; alter table t add unique nulls not distinct (a)',
      'create unique index concurrently i on t (a)',
      'create unique index on t (lower(a))',
      'alter table t add unique (a)',
      "alter table t add a text default 'x' unique",
      'alter table t add a int; create unique index i on t (a) nulls not distinct',
    ],
    quiet: [
      'alter table t add a int; alter table t add unique (a)',
      'create index concurrently i on t (a)',
      'create table t (a int); create unique index on t (a)',
      'alter table t add a int; create unique index concurrently i on t (a)',
      'alter table t add a uuid default gen_random_uuid(); create unique index concurrently i on t (a)',
      'alter table t add constraint k unique using index i',
    ],
  },
  'table-rewrite': {
    finds: [
      'vacuum full t',
      'vacuum (full, analyze) t, u',
      'vacuum full',
      'cluster t using i',
      'cluster',
      'alter table t set logged',
      'alter table t set tablespace fast',
    ],
    quiet: ['vacuum t', 'vacuum (full false) t', 'analyze t', 'alter table t cluster on i'],
  },
}
