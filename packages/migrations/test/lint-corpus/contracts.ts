import { contract, type Samples } from './sample.ts'

/** Rules about what the running application, or the data, would lose. */
export const contractSamples: Readonly<Record<string, Samples>> = {
  'rename-column': {
    finds: [
      'alter type p rename attribute a to b',
      'alter table t rename column a to b',
      'alter table s."T" rename a to b',
      'alter view v rename column a to b',
      contract('alter table t rename a to b'),
    ],
    quiet: [
      'create table t (a int); alter table t rename a to b',
      'alter table t rename constraint a to b',
      'alter table t rename to u',
    ],
  },
  'rename-table': {
    finds: [
      'alter table t rename to u',
      'alter table s.t set schema u',
      'alter view v rename to w',
      'alter table t rename to u; create view w as select * from u',
    ],
    quiet: [
      'alter table t rename to u; create view t as select * from u',
      'create table t (a int); alter table t rename to u',
      'alter index i rename to j',
      'alter sequence s rename to r',
    ],
  },
  'rename-schema': {
    finds: ['alter schema a rename to b'],
    quiet: ['alter schema a owner to b', 'alter table a rename to b'],
  },
  'rename-enum-value': {
    finds: ["alter type e rename value 'a' to 'b'"],
    quiet: [
      "alter type e add value 'b' after 'a'",
      "create type e as enum ('a'); alter type e rename value 'a' to 'b'",
    ],
  },
  'drop-column': {
    finds: ['alter table t drop column a', 'alter table t drop if exists a cascade, drop b'],
    quiet: [
      contract('alter table t drop column a'),
      'create table t (a int); alter table t drop column a',
      'alter table t add column a int; alter table t drop column a',
      'alter table t alter a drop default',
    ],
  },
  'drop-table': {
    finds: ['drop table t', 'drop table if exists s.t, "U" cascade', 'drop materialized view m'],
    quiet: [
      contract('drop table t'),
      'create table t (a int); drop table t',
      'create temp table t (a int); drop table t',
      'drop view v',
    ],
  },
  'drop-schema': {
    finds: ['drop schema s', 'drop schema s cascade', contract('drop schema s cascade')],
    quiet: [contract('drop schema s'), 'drop table s.t'],
  },
  'drop-database': {
    finds: ['drop database d', contract('drop database if exists d')],
    quiet: ['drop table d', "select 'drop database d'"],
  },
  'drop-constraint': {
    finds: [
      'create table u (a int); alter table t drop constraint c',
      'alter table t drop constraint c',
      'alter table t drop constraint if exists "C"',
    ],
    quiet: [
      'alter table t add constraint c check (a is not null) not valid; alter table t drop constraint c',
      contract('alter table t drop constraint c'),
      'alter table t add constraint c check (a > 1) not valid; alter table t drop constraint c',
      'alter table t add constraint d check (a > 1) not valid, drop constraint c',
      'create table t (a int constraint c check (a > 0)); alter table t drop constraint c',
    ],
  },
  'drop-not-null': {
    finds: ['alter table t alter a drop not null'],
    quiet: [
      contract('alter table t alter a drop not null'),
      'alter table t add a int not null default 0; alter table t alter a drop not null',
      'alter table t alter a drop default',
    ],
  },
  'truncate-cascade': {
    finds: ['truncate t cascade', 'truncate table only s.t, u restart identity cascade'],
    quiet: ['truncate t', 'truncate t, u', 'create table t (a int); truncate t cascade'],
  },
  'create-with-force': {
    finds: [
      'drop table if exists t; create table t (a int)',
      'drop table public.t cascade; create table if not exists t (a int)',
      contract('drop table t', 'create table t as select 1'),
    ],
    quiet: [
      'create table t (a int)',
      'drop table if exists s.t; create table t (a int)',
      'create table t (a int); drop table t; create table t (b int)',
      'drop view if exists v; create view v as select 1',
    ],
  },
}
