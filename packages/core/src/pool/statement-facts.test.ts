import { expect, test } from 'vitest'
import { FactsCache, factsOf } from './statement-facts.ts'

test.each([
  ['set work_mem = 1', true],
  ['SET SESSION statement_timeout = 0', true],
  ['set local work_mem = 1', false],
  ['set transaction read only', false],
  ['/* trace */ set work_mem = 1', true],
  ['-- why\nset work_mem = 1', true],
  ['select 1; set role somebody', true],
  ['do $$ begin end $$', true],
  ['call tidy_up()', true],
  ["select '--', set_config('work_mem', '1MB', false)", true],
  ["select '/*', set_config('work_mem', '1MB', false), '*/'", true],
  ['/* a /* nested */ one */ set work_mem = 1', true],
  ['create or replace temp view v as select 1', true],
  ['create table pg_temp.t (a int)', true],
  ['select setseed(0.5)', true],
  ['select 1 -- set work_mem = 1', false],
  ['select 20 as temp', false],
  ['update t\nset a = 1', false],
  ['listen a', true],
  ['prepare p as select 1', true],
  ['create temporary table t (a int)', true],
  ['select pg_try_advisory_lock(1)', true],
  ['select pg_advisory_xact_lock(1)', false],
  ['declare c cursor with hold for select 1', true],
  ['declare c cursor for select 1', false],
  ["select set_config('work_mem', $1, true)", false],
  ["select set_config('work_mem', $1, false)", true],
  ['deallocate all', true],
  ['discard temp', true],
  [`select '--', set_config/**/('search_path', 'nowhere', false)`, true],
  [`select "set_config"('a', 'b', false)`, true],
  [`select set_config('a', ',true)', false)`, true],
  [`select 'set_config(1)'`, false],
  ['select 1', false],
  ['insert into settings values (1)', false],
])('%s leaves session state: %s', (text, leaves) => {
  expect(factsOf(text).leavesState).toBe(leaves)
})

test.each([
  ['begin', 'begin'],
  ['START TRANSACTION read only', 'begin'],
  ['/* why */ commit', 'commit'],
  ['/* why /* oh */ why */ commit', 'commit'],
  ['end', 'commit'],
  ['rollback', 'rollback'],
  ['abort', 'rollback'],
  ['rollback to savepoint a', 'undo'],
  ['rollback work to a', 'undo'],
  ["prepare transaction 'x'", 'prepareTransaction'],
  ["commit prepared 'x'", undefined],
  ["ROLLBACK PREPARED 'x'", undefined],
  ['savepoint a', undefined],
  ['select 1 as begin', undefined],
])('%s does to the transaction around it: %s', (text, control) => {
  expect(factsOf(text).control).toBe(control)
})

test.each([
  ['select 1; commit', true],
  ['select 1; rollback', true],
  ['select 1; rollback to a', false],
  ["select 1; commit prepared 'x'", false],
  ["select 1; rollback prepared 'x'", false],
])('%s ends a transaction behind its first statement: %s', (text, ends) => {
  expect(factsOf(text).endsInside).toBe(ends)
})

test.each([
  ['select 1', false],
  ['select 1;', false],
  ['select 1; -- the end', false],
  ['begin; select 1', true],
  ["select ';x'", false],
  ["insert into t values ('a--b'); insert into t values (2)", true],
  ["insert into t values ('image/*'); insert into u values ('*/*')", true],
  ['select $body$ a; b $body$', false],
  ["select E'it\\'s; x'", false],
  ['select a$b$c from t; select $b$ x $b$', true],
])('%s may be several statements: %s', (text, several) => {
  expect(factsOf(text).several).toBe(several)
})

test('a text is looked at once, and the texts that are remembered are bounded', () => {
  const cache = new FactsCache()
  const first = cache.of('select 0')
  expect(cache.of('select 0')).toBe(first)
  for (let n = 1; n <= 5_000; n += 1) cache.of(`select ${n}`)
  expect(cache.of('select 0')).not.toBe(first)
})

test('a long text is not held, however often it is sent', () => {
  const cache = new FactsCache()
  const long = `insert into t values ('${'x'.repeat(16_384)}')`
  expect(cache.of(long)).not.toBe(cache.of(long))
})
