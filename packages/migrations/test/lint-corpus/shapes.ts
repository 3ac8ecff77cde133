import { type Samples, together } from './sample.ts'

const LONG = 'a'.repeat(64)
const LONG_IN_BYTES = 'é'.repeat(32)

/** Rules about types, names and the shape of tables; and about text that cannot be read. */
export const shapeSamples: Readonly<Record<string, Samples>> = {
  'domain-with-check': {
    finds: [
      'create domain d as int check (value > 0)',
      'create domain d as text not null',
      'alter domain d add constraint c check (value > 0)',
      'alter domain d set not null',
    ],
    quiet: [
      'create domain d as int',
      'create domain d as int default 0',
      'alter domain d add constraint c check (value > 0) not valid',
      'alter domain d drop constraint c',
    ],
  },
  'small-integer-key': {
    finds: [
      'create table t (id serial)',
      'alter table t add id int; alter table t add primary key (id)',
      'create table t (id int primary key)',
      'create table t (id serial primary key)',
      'create table t (id smallint generated always as identity)',
      'create table t (id integer, primary key (id))',
      'create table t (id int); alter table t add primary key (id)',
    ],
    quiet: [
      'create table t (id int); alter table t add check (id > 0)',
      'create table t (a int, b int); alter table t add primary key (a, b)',
      'create table t (id bigint); alter table t add primary key (id)',
      'alter table t add primary key using index i',
      'create table t (id bigint primary key)',
      'create table t (id uuid primary key, n int)',
      'create table t (id bigserial primary key)',
      'create table t (a int, b int, primary key (a, b))',
    ],
  },
  'serial-column': {
    finds: [
      'create table t (id serial)',
      'create table t (id bigserial primary key)',
      'alter table t add n smallserial',
    ],
    quiet: [
      'create table t (id bigint generated always as identity)',
      'create table serial (id int)',
    ],
  },
  'char-type': {
    finds: [
      'create table t (a char(3))',
      'create table t (a char)',
      'alter table t add a character(10)',
      'alter table t alter a type char(3)',
      'create table t (a char(3)[])',
    ],
    quiet: [
      'create table t (a text, b varchar(3), c character varying)',
      'create table t (a "char")',
      'select cast(a as char(3)) from t',
    ],
  },
  'timestamp-without-zone': {
    finds: [
      'create table t (a timestamp)',
      'create table t ("At" timestamp(3) without time zone)',
      'alter table t add a timestamp',
      'alter table t alter a type timestamp',
    ],
    quiet: [
      'create table t (a timestamptz, b timestamp with time zone, c date)',
      'select now()::timestamp',
    ],
  },
  'json-type': {
    finds: ['create table t (a json)', 'alter table t add a json', 'create table t (a json[])'],
    quiet: ['create table t (a jsonb)', "select '{}'::json"],
  },
  'long-name': {
    finds: [
      `create table ${LONG} (a int)`,
      `create table t ("${LONG}" int)`,
      `create index ${LONG} on t (a)`,
      `alter table t add constraint "${LONG_IN_BYTES}" check (a > 0) not valid`,
    ],
    quiet: [
      `create table ${LONG.slice(1)} (a int)`,
      `create table t (a text default '${LONG}')`,
      `-- ${LONG}\ncreate table t (a int)`,
    ],
  },
  'duplicate-column': {
    finds: [
      'create table t (a int, A text)',
      'create table t (a int); alter table t add a text',
      'alter table t add a int, add a text',
      'alter table t add "a" int; alter table public.t add a int',
    ],
    quiet: [
      'create table t (a int, "A" text)',
      'alter table t add a int; alter table u add a int',
      'create table t (a int); alter table t add if not exists a int',
      'alter table t add a int; alter table t drop a; alter table t add a text',
      'create table t (a int); alter table t alter a type text',
    ],
  },
  'wide-index': {
    finds: [
      'create index on t (a, b, c, d)',
      'create index concurrently i on s.t (a, lower(b), c desc, d)',
    ],
    quiet: [
      'create index on t (a, b, c)',
      'create unique index on t (a, b, c, d)',
      'create index on t (a) include (b, c, d)',
      'create index on t using gin (a, b, c, d)',
    ],
  },
  'foreign-key-without-index': {
    finds: [
      'create table t (a int references u); create table v (a int primary key)',
      'create table t (a int references u)',
      'create table t (a int, b int, foreign key (a, b) references u)',
      'alter table t add a int references u',
      'create table t (a int references u); create index on t (b, a)',
      'create table t (a int references u); create index on t (a) where b',
      'alter table t add a int; alter table t add foreign key (a) references u not valid',
    ],
    quiet: [
      'create table t (a int references u); create index on t (a)',
      'create table t (a int references u, b int); create index on public.t (a, b)',
      'create table t (a int references u unique)',
      'create table t (a int references u, b int, primary key (a, b))',
      'create table t (a int references u); create index on t (a) where a is not null',
      'create table t (a int, b int, foreign key (a, b) references u); create index on t (b, a)',
      'alter table t add foreign key (a) references u not valid',
      'create table t (a int)',
    ],
  },
  'syntax-error': {
    finds: [
      'selec 1',
      'create table t (a int',
      "select 'abc",
      'create table t (a int); alter tabel t add b int; select 1',
      'create function f() returns int language plpgsql as $$ begin retur 1; end $$',
      'create function f() returns int language sql as $$ selec 1 $$',
      'do $$ begin alter tabel t; end $$',
    ],
    quiet: [
      '',
      ';;',
      '-- nothing',
      'create function f() returns trigger language plpgsql as $$ declare r t%rowtype; begin new.a := 1; return new; end $$',
      'create function f() returns int language sql begin atomic select 1; select 2; end',
      'copy t from stdin;\n1\ta\n2\tb\n\\.\nselect 1',
      '\\set ON_ERROR_STOP on\nselect 1;\n\\echo done\n',
      'do language plpgsql $$ begin perform 1; end $$',
      'select $1',
    ],
  },
  'unreadable-sql': {
    finds: [
      '\\i other.sql\nselect 1',
      "do $$ begin execute format('drop table %I', 'x'); end $$",
      "do $$ declare r record; begin for r in select 1 loop execute 'drop table ' || r.name; end loop; end $$",
      "do language plpython3u $$ plpy.execute('drop table t') $$",
      `select ${'1+'.repeat(50_000)}1`,
    ],
    quiet: [
      "do $$ begin execute 'select 1'; end $$",
      "create function f() returns void language plpgsql as $$ begin execute format('drop table %I', 'x'); end $$",
      'do $$ begin perform 1; end $$',
    ],
  },
  'ignore-invalid': {
    finds: [
      '-- aquifer-lint-ignore drop-table\ndrop table t',
      '-- aquifer-lint-ignore drop-tabel: nobody uses it\ndrop table t',
      '-- aquifer-lint-ignore: nobody uses it\ndrop table t',
      '-- aquifer-lint-ignore json-type: nobody uses it\ndrop table t',
    ],
    quiet: [
      '-- aquifer-lint-ignore drop-table: nobody uses it\ndrop table t',
      'drop table t -- aquifer-lint-ignore drop-table: nobody uses it\n',
      '/* aquifer-lint-ignore drop-table: nobody uses it */ drop table t',
      together('-- aquifer-lint-ignore drop-table: nobody uses it\ndrop table t'),
    ],
  },
}
