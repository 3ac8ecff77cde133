import { expect, test } from 'vitest'
import { type LeaseFacts, leavesSessionState, verdictOf } from './verdict.ts'

const clean: LeaseFacts = {
  transactionStatus: 'I',
  inFlight: 0,
  doubtful: false,
  dirty: false,
  lost: false,
}

test('a connection with nothing against it is clean', () => {
  expect(verdictOf(clean)).toBe('clean')
})

test.each<Partial<LeaseFacts>>([
  { transactionStatus: 'T' },
  { transactionStatus: 'E' },
  { transactionStatus: null },
  { inFlight: 1 },
  { doubtful: true },
  { dirty: true },
  { lost: true },
])('%o alone destroys it', (against) => {
  expect(verdictOf({ ...clean, ...against })).toBe('destroy')
})

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
  ['select 20 as temp', false],
  ['update t\nset a = 1', false],
  ['listen a', true],
  ['prepare p as select 1', true],
  ['create temporary table t (a int)', true],
  ['select pg_try_advisory_lock(1)', true],
  ['select pg_advisory_xact_lock(1)', false],
  ['declare c cursor with hold for select 1', true],
  ['declare c cursor for select 1', false],
  ['select 1', false],
  ['insert into settings values (1)', false],
])('%s leaves session state: %s', (text, leaves) => {
  expect(leavesSessionState(text)).toBe(leaves)
})
