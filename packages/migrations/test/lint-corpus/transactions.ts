import { apart, given, type Samples, together } from './sample.ts'

const LIMITS = "set lock_timeout = '2s'; set statement_timeout = '1min'; "

/** Rules about transactions, limits and what runs in them. */
export const transactionSamples: Readonly<Record<string, Samples>> = {
  'lock-timeout-missing': {
    finds: [
      'alter table t add a int',
      'set lock_timeout = 0; alter table t add a int',
      "set lock_timeout = '2s'; reset lock_timeout; alter table t add a int",
      "begin; set local lock_timeout = '2s'; commit; alter table t add a int",
      "set statement_timeout = '2s'; alter table t add a int",
      together('set lock_timeout = 0', 'alter table t add a int'),
    ],
    quiet: [
      "set lock_timeout = '2s'; alter table t add a int",
      'set lock_timeout to 2000; drop table t',
      "begin; set local lock_timeout = '2s'; alter table t add a int; commit",
      "select set_config('lock_timeout', '2s', false); alter table t add a int",
      'create table t (a int); alter table t add b int',
      'create index concurrently i on t (a)',
      together('alter table t add a int'),
    ],
  },
  'statement-timeout-missing': {
    finds: [
      'alter table t add a int',
      "set lock_timeout = '2s'; alter table t add a int",
      "set statement_timeout = '0'; create index on t (a)",
    ],
    quiet: [
      `${LIMITS}alter table t add a int`,
      "begin; set local statement_timeout = '5s'; drop table t; commit",
      'update t set a = 1 where id = 1',
      together('alter table t add a int'),
    ],
  },
  'several-strong-locks': {
    finds: [
      'begin; alter table t add a int; alter table u add a int; commit',
      together('alter table t add constraint c check (a > 0)', 'alter table u add a int'),
      together('alter table t add a int', 'drop table u'),
      'do $$ begin alter table t add a int; alter table u add a int; end $$',
    ],
    quiet: [
      'alter table t add a int; alter table u add a int',
      'begin; alter table t add a int; commit; begin; alter table u add a int; commit',
      together('alter table t add a int', 'alter table public.t add b int'),
      together('create table t (a int)', 'create table u (a int)', 'alter table u add b int'),
      together('alter table t add constraint k foreign key (a) references u not valid'),
      apart('alter table t add a int', 'alter table u add a int'),
    ],
  },
  'backfill-with-ddl': {
    finds: [
      'begin; alter table t add a int; update t set a = 1; commit',
      together('update t set a = 1', 'alter table t alter a set default 1'),
      together('alter table t add a int', 'insert into u select * from t'),
      together('alter table t add a int', 'with d as (select 1) delete from t using d'),
    ],
    quiet: [
      'alter table t add a int; update t set a = 1',
      together('alter table t add a int', 'update t set a = 1 where id = 7'),
      together('alter table t add a int', "insert into u values (1, 'x')"),
      together('create table t (a int)', 'insert into t select a from u'),
      together('update t set a = 1'),
    ],
  },
  'backfill-unbatched': {
    finds: [
      'update t set a = 1',
      'update s."T" set a = 1 where a is null',
      "delete from t where state = 'old'",
      'update t set a = u.a from u where u.id = t.id',
      'do $$ begin update t set a = 1; end $$',
      'merge into t using u on t.id = u.id when matched then update set a = u.a',
      'update t set a = 1 where id > 5',
    ],
    quiet: [
      'update t set a = 1 where id in (select id from t where a is null limit 1000)',
      'update t set a = 1 where id > $1 and id <= $2',
      'update t set a = 1 where id between 1 and 1000 and a is null',
      'delete from t where id = 7',
      'delete from t where user_id = any(array[1, 2])',
      'with batch as (select id from t limit 100) update t set a = 1 from batch where batch.id = t.id',
      'create table t (a int); update t set a = 1',
      'create function f() returns void language sql as $$ update t set a = 1 $$',
      'insert into t select * from u',
    ],
  },
  'nested-transaction': {
    finds: [
      'begin; begin; commit',
      'commit',
      together('begin'),
      together('select 1', 'commit'),
      given('begin; select 1; commit', { inTransaction: true }),
    ],
    quiet: [
      'begin; select 1; commit; start transaction; select 1; rollback',
      'begin; savepoint a; rollback to a; release a; commit',
      apart('begin', 'select 1', 'commit'),
      'begin; commit and chain; select 1; commit',
    ],
  },
  'transaction-not-closed': {
    finds: ['begin; alter table t add a int', 'begin; commit; start transaction; select 1'],
    quiet: ['begin; commit', 'begin; rollback', "begin; prepare transaction 'x'", 'select 1'],
  },
  'not-rerunnable': {
    finds: [
      'create table t (a int); create table u (a int)',
      'create index concurrently i on t (a)',
      'alter table t add a int; select 1',
      'alter table t add constraint c check (a > 0) not valid; select 1',
      "alter type e add value 'x' after 'y'; select 1",
      'drop table t; drop table if exists u',
      'create view v as select 1; select 1',
      'begin; commit; create schema s; create extension x',
    ],
    quiet: [
      'create table t (a int)',
      'begin; create table t (a int); create table u (a int); commit',
      'create table if not exists t (a int); create index if not exists i on t (a)',
      'drop index concurrently if exists i; create index concurrently i on t (a)',
      'alter table t drop constraint if exists c, add constraint c check (a > 0) not valid; select 1',
      'alter table t drop constraint if exists c; alter table t add constraint c check (a > 0) not valid',
      'create or replace view v as select 1; select 1',
      "alter type e add value if not exists 'x' after 'y'; select 1",
      together('create table t (a int)', 'create table u (a int)'),
      "set lock_timeout = '2s'; alter table t add a int",
    ],
  },
  'enum-value-without-place': {
    finds: ["alter type e add value 'x'", 'alter type s."E" add value if not exists \'x\''],
    quiet: [
      "alter type e add value 'x' before 'y'",
      "alter type e add value 'x' after 'y'",
      "alter type e rename value 'x' to 'y'",
      "create type e as enum ('x')",
    ],
  },
  'enum-value-in-own-transaction': {
    finds: [
      "begin; alter type e add value 'x' after 'y'; insert into t values ('x'); commit",
      together("alter type e add value 'x' after 'y'", "alter table t alter a set default 'x'::e"),
    ],
    quiet: [
      "alter type e add value 'x' after 'y'; insert into t values ('x')",
      "begin; alter type e add value 'x' after 'y'; commit; insert into t values ('x')",
      "begin; create type e as enum ('y'); alter type e add value 'x' after 'y'; insert into t values ('x'); commit",
      "begin; alter type e add value 'x' after 'y'; insert into t values ('y'); commit",
    ],
  },
}
