import { expect, test } from 'vitest'
import { splitStatements, wordsOf } from './split.ts'

test.each([
  ['one statement', 'create table a ()', ['create table a ()']],
  ['two', 'create table a (); create table b ();', ['create table a ()', 'create table b ()']],
  ['nothing', ' ; -- nothing\n /* at all */ ;', []],
  [
    'a string',
    `insert into a values ('x;y''; z'); select 1`,
    [`insert into a values ('x;y''; z')`, 'select 1'],
  ],
  [
    'an escape string',
    String.raw`select e'it\'s; so'; select 2`,
    [String.raw`select e'it\'s; so'`, 'select 2'],
  ],
  ['a quoted name', 'create table "a;b" (); select 1', ['create table "a;b" ()', 'select 1']],
  [
    'dollar quotes',
    'do $x$ begin; $$ ; $$ end $x$; select 1',
    ['do $x$ begin; $$ ; $$ end $x$', 'select 1'],
  ],
  [
    'comments that nest',
    'select 1 /* ; /* ; */ ; */; select 2 -- ;\n',
    ['select 1 /* ; /* ; */ ; */', 'select 2 -- ;'],
  ],
  [
    'a rule of several actions',
    'create rule r as on insert to t do (select 1; select 2); select 3',
    ['create rule r as on insert to t do (select 1; select 2)', 'select 3'],
  ],
  [
    'the body of a function in SQL',
    'create function f() returns int begin atomic select case when true then 1 end; select 2; end; select 3',
    [
      'create function f() returns int begin atomic select case when true then 1 end; select 2; end',
      'select 3',
    ],
  ],
  ['a transaction', 'begin; select 1; end; select 2', ['begin', 'select 1', 'end', 'select 2']],
  ['parameters and casts', 'select $1::text; select $2', ['select $1::text', 'select $2']],
])('%s is split where its statements end', (_what, text, expected) => {
  expect(splitStatements(text)).toEqual(expected)
})

test('words leave out strings and comments, and keep quoted names as they are', () => {
  expect(wordsOf(`Create INDEX /* x */ "My ""i" on A (lower('b')) -- c`)).toEqual([
    'create',
    'index',
    '"My ""i"',
    'on',
    'a',
    '(',
    'lower',
    '(',
    ')',
    ')',
  ])
})
