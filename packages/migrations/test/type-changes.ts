import { change, type SchemaChange } from './schema-change.ts'

/** Types, and columns that have them. */
export const TYPE_CHANGES: readonly SchemaChange[] = [
  change(
    'an enum',
    '',
    "create type mood as enum ('sad', 'ok'); create table t (m mood default 'ok')",
  ),
  change(
    'labels at every place of an enum',
    `create type mood as enum ('b', 'd'); create table t (m mood default 'b', n mood[]); create index i on t (m) where m = 'd';
     create view v as select m from t where m > 'b'; insert into t values ('b', '{d}')`,
    `create type mood as enum ('a0', 'a', 'b', 'c', 'd', 'e'); create table t (m mood default 'b', n mood[]); create index i on t (m) where m = 'd';
     create view v as select m from t where m > 'b'`,
  ),
  change(
    'a new label as a default',
    "create type mood as enum ('a'); create table t (m mood default 'a')",
    "create type mood as enum ('a', 'b'); create table t (m mood default 'b')",
  ),
  change(
    'the order of an enum that is used everywhere',
    `create type mood as enum ('a', 'b', 'c'); create domain dm as mood check (value <> 'c'); create type pair as (m mood, n int);
     create table t (m mood default 'a' check (m <> 'c'), ms mood[] default '{a,b}', d dm, p pair, g text generated always as (case when m = 'a' then 'x' else 'y' end) stored);
     create index i on t (m) where m = 'a'; create view v as select m, p from t where m = 'a'; create materialized view mv as select m from v;
     create index mvi on mv (m); create function f(m mood) returns mood language sql as 'select m';
     alter table t enable row level security; create policy p on t using (m = 'a'); insert into t (m, ms, d, p) values ('a', '{a,b}', 'b', '(a,1)')`,
    `create type mood as enum ('b', 'a'); create domain dm as mood check (value <> 'a'); create type pair as (m mood, n int);
     create table t (m mood default 'a' check (m <> 'b'), ms mood[] default '{a,b}', d dm, p pair, g text generated always as (case when m = 'a' then 'x' else 'y' end) stored);
     create index i on t (m) where m = 'a'; create view v as select m, p from t where m = 'a'; create materialized view mv as select m from v;
     create index mvi on mv (m); create function f(m mood) returns mood language sql as 'select m';
     alter table t enable row level security; create policy p on t using (m = 'a')`,
  ),
  change(
    'a domain',
    '',
    "create domain email as text default 'a@b' not null constraint has_at check (value like '%@%'); create table t (e email)",
  ),
  change(
    'the rules of a domain in use',
    `create domain d as int constraint c check (value > 0); create table t (a d, b d[])`,
    `create domain d as int default 3 not null constraint c check (value > 1) constraint e check (value < 9); create table t (a d, b d[])`,
  ),
  change(
    'the type of a domain in use',
    'create domain d as int check (value > 0); create table t (a d); create view v as select a from t; insert into t values (3)',
    'create domain d as bigint check (value > 0); create table t (a d); create view v as select a from t',
  ),
  change(
    'a composite type',
    '',
    'create type pair as (a int, b text); create table t (p pair, q pair[])',
  ),
  change(
    'an attribute of a composite type',
    'create type pair as (a int); create table t (p pair)',
    'create type pair as (a int, b text collate "C"); create table t (p pair)',
  ),
  change(
    'the type of an attribute in use',
    `create type pair as (a int, b text); create table t (p pair); insert into t values ('(1,x)')`,
    'create type pair as (a bigint, b text); create table t (p pair)',
  ),
  change(
    'a range type',
    '',
    'create type span as range (subtype = float8, subtype_diff = float8mi); create table t (s span)',
  ),
  change(
    'the subtype of a range in use',
    "create type span as range (subtype = int4); create table t (s span, m multispan_x); insert into t values ('[1,2)')".replace(
      ', m multispan_x',
      '',
    ),
    'create type span as range (subtype = int8); create table t (s span)',
  ),
  change(
    'a trigger on a changing enum',
    "create type e as enum ('a'); create table t (a e); create function f() returns trigger language plpgsql as 'begin return new; end'",
    "create type e as enum ('b'); create table t (a e); create function f() returns trigger language plpgsql as 'begin return new; end'; create trigger g before update of a on t for each row execute function f()",
  ),
]
