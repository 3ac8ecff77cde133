import { expect, test } from 'vitest'
import { isConcurrent, kindOf } from './kind.ts'
import { wordsOf } from './split.ts'

test.each([
  ['begin', 'control'],
  ['start transaction isolation level serializable', 'control'],
  ['/* x */ ROLLBACK to savepoint a', 'control'],
  ['set lock_timeout = 0', 'session'],
  ['create temporary table a ()', 'session'],
  ['create index concurrently a on b (c)', 'outside'],
  ['create unique index concurrently a on b (c)', 'outside'],
  ['drop index concurrently a', 'outside'],
  ['reindex (verbose) table concurrently a', 'outside'],
  ['alter table a detach partition b concurrently', 'outside'],
  ['vacuum (analyze) a', 'outside'],
  ['alter system set work_mem = 1', 'outside'],
  ['create database a', 'outside'],
  ['refresh materialized view concurrently a', 'plain'],
  ['create table concurrently ()', 'plain'],
  [`comment on table a is 'create index concurrently'`, 'plain'],
  [`alter type a add value 'b'`, 'plain'],
  ['insert into a values (1)', 'plain'],
])('%s is %s', (text, kind) => {
  expect(kindOf(text)).toBe(kind)
})

test('only statements that wait for older transactions are concurrent', () => {
  expect(isConcurrent(wordsOf('create index concurrently a on b (c)'))).toBe(true)
  expect(isConcurrent(wordsOf('refresh materialized view concurrently a'))).toBe(false)
  expect(isConcurrent(wordsOf('vacuum a'))).toBe(false)
})
