import { change, type SchemaChange } from './schema-change.ts'

/** Views, routines, triggers, policies, and how tables are stored and divided. */
export const PROGRAM_CHANGES: readonly SchemaChange[] = [
  change(
    'a view',
    'create table t (a int)',
    'create table t (a int); create view v with (check_option = local, security_barrier = true) as select a from t',
  ),
  change(
    'the query of a view with views on it',
    'create table t (a int, b int); create view v as select a from t; create view w as select a from v',
    'create table t (a int, b int); create view v as select b, a from t; create view w as select a from v',
  ),
  change(
    'the type of a column that no view shows',
    `create table t (a int, b int generated always as (a % 7) stored); create view v as select b > 1 as big from t where a > 0;
     create function f() returns trigger language plpgsql as 'begin return new; end';
     create trigger g before update of a on t for each row when (new.a > 0) execute function f();
     create policy p on t using (a > 0); create function s() returns setof boolean begin atomic select a > 0 from t; end`,
    `create table t (a bigint, b int generated always as (a % 7) stored); create view v as select b > 1 as big from t where a > 0;
     create function f() returns trigger language plpgsql as 'begin return new; end';
     create trigger g before update of a on t for each row when (new.a > 0) execute function f();
     create policy p on t using (a > 0); create function s() returns setof boolean begin atomic select a > 0 from t; end`,
  ),
  change(
    'identity and another type',
    'create table t (a int generated always as identity)',
    'create table t (a text not null)',
  ),
  change(
    'another type for a changing enum',
    "create type e as enum ('a'); create table t (a e, b e[])",
    "create type e as enum ('b'); create table t (a text, b e[])",
  ),
  change(
    'the type of a column below views',
    `create table t (a int, b int); create view v as select a from t; create view w as select a from v; create materialized view m as select a from w;
     create unique index mi on m (a); comment on view w is 'over'; comment on column v.a is 'it'`,
    `create table t (a bigint, b int); create view v as select a from t; create view w as select a from v; create materialized view m as select a from w;
     create unique index mi on m (a); comment on view w is 'over'; comment on column v.a is 'it'`,
  ),
  change(
    'a materialized view',
    'create table t (a int)',
    'create table t (a int); create materialized view m as select a from t; create index on m (a)',
  ),
  change(
    'a function and a procedure',
    '',
    `create function f(a int default 1, out b int, out c text) language plpgsql immutable as $$ begin b := a; end $$;
     create procedure p(x text) language sql as 'select 1'`,
  ),
  change(
    'the body of a function in use',
    `create function f(a int) returns int language sql immutable as 'select a'; create table t (a int, b int default f(1), check (f(a) > 0)); create index i on t (f(a))`,
    `create function f(a int) returns int language sql immutable as 'select a + 1'; create table t (a int, b int default f(1), check (f(a) > 0)); create index i on t (f(a))`,
  ),
  change(
    'the result of a function in use',
    `create function f(a int) returns int language sql immutable as 'select a'; create table t (a int, b int default f(1), check (f(a) > 0)); create index i on t (f(a)); create view v as select f(a) from t`,
    `create function f(a int) returns bigint language sql immutable as 'select a::bigint'; create table t (a int, b int default f(1), check (f(a) > 0)); create index i on t (f(a)); create view v as select f(a) from t`,
  ),
  change(
    'functions that speak of tables',
    '',
    `create table users (id int); create function all_users() returns setof users language sql as 'select * from users';
     create function touch() returns trigger language plpgsql as $$ declare r users%rowtype; begin return new; end $$;
     create trigger touch before update on users for each row execute function touch()`,
  ),
  change(
    'an aggregate',
    '',
    "create aggregate total(int) (sfunc = int4pl, stype = int, initcond = '0')",
  ),
  change(
    'a trigger',
    `create table t (a int); create function f() returns trigger language plpgsql as 'begin return new; end'`,
    `create table t (a int); create function f() returns trigger language plpgsql as 'begin return new; end';
     create trigger g before insert or update of a on t for each row when (new.a > 0) execute function f()`,
  ),
  change(
    'a disabled trigger',
    `create table t (a int); create function f() returns trigger language plpgsql as 'begin return new; end'; create trigger g before insert on t for each row execute function f()`,
    `create table t (a int); create function f() returns trigger language plpgsql as 'begin return new; end'; create trigger g before insert on t for each row execute function f(); alter table t disable trigger g`,
  ),
  change(
    'a sequence',
    '',
    'create sequence s as int increment by -2 minvalue -100 maxvalue 5 start with 3 cache 4 cycle',
  ),
  change(
    'the options of a sequence',
    'create sequence s',
    'create sequence s as int increment by 7 start with 5',
  ),
  change(
    'a sequence in a default',
    'create table t (a int)',
    "create sequence s; create table t (a int, b int default nextval('s') + 1); alter sequence s owned by t.b",
  ),
  change(
    'comments',
    `create table t (a int constraint c check (a > 0)); create index i on t (a)`,
    `create table t (a int constraint c check (a > 0)); create index i on t (a); comment on table t is 'it''s'; comment on column t.a is E'a\\\\b';
     comment on index i is 'i'; comment on constraint c on t is 'c'`,
  ),
  change(
    'row level security',
    'create table t (a int)',
    `create table t (a int); alter table t enable row level security; alter table t force row level security;
     create policy p on t as restrictive for update to public using (a > 0) with check (a > 1)`,
  ),
  change(
    'another rule of a policy',
    'create table t (a int); create policy p on t for select using (a > 0)',
    'create table t (a int); create policy p on t for select using (a > 1)',
  ),
  change(
    'partitions',
    '',
    `create table t (id int, at date not null default now(), primary key (id, at)) partition by range (at); create index t_at on t (at);
     create table t1 partition of t for values from ('2026-01-01') to ('2027-01-01'); create table t2 partition of t default;
     alter table t2 add check (id > 0); alter table t2 alter id set default 7`,
  ),
  change(
    'a partition and an index on all of them',
    `create table t (id int, at date) partition by range (at); create table t1 partition of t for values from ('2026-01-01') to ('2027-01-01')`,
    `create table t (id int, at date, note text) partition by range (at); create table t1 partition of t for values from ('2026-01-01') to ('2027-01-01');
     create table t2 partition of t for values from ('2027-01-01') to ('2028-01-01'); create index on t (at)`,
  ),
  change(
    'a table that becomes a partition',
    `create table t (id int, at int) partition by list (at); create table t1 (id int, at int)`,
    `create table t (id int, at int) partition by list (at); create table t1 partition of t for values in (1)`,
  ),
  change(
    'a parent',
    'create table p (a int); create table t (a int, b int)',
    'create table p (a int); create table t (a int, b int) inherits (p)',
  ),
  change(
    'how a table is stored',
    'create table t (a text)',
    'create unlogged table t (a text) with (autovacuum_enabled = off, fillfactor = 50); alter table t alter a set storage external',
  ),
  change(
    'the identity of replicas',
    'create table t (a int not null); create unique index i on t (a)',
    'create table t (a int not null); create unique index i on t (a); alter table t replica identity using index i',
  ),
  change(
    'a view where a table was',
    'create table v (a int)',
    'create table t (a int); create view v as select a from t',
  ),
  change(
    'an index in place of a constraint',
    'create table t (a int constraint u unique)',
    'create table t (a int); create unique index u on t (a) where a > 0',
  ),
  change(
    'names that need quotes',
    '',
    `create schema "My App"; create table "My App"."Order" ("Select" int primary key, "a""b" text default E'x\\\\y'); create index "Ix" on "My App"."Order" ("a""b")`,
  ),
]
