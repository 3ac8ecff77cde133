import { expect, test } from 'vitest'
import { type LeaseFacts, verdictOf } from './verdict.ts'

const clean: LeaseFacts = {
  destroy: false,
  reclaimed: false,
  lost: false,
  doubtful: false,
  dirty: false,
  inFlight: 0,
  transactionStatus: 'I',
}

test('a connection with nothing against it is clean', () => {
  expect(verdictOf(clean)).toBe('clean')
})

test.each<[Partial<LeaseFacts>, string]>([
  [{ transactionStatus: 'T' }, 'openTransaction'],
  [{ transactionStatus: 'E' }, 'openTransaction'],
  [{ transactionStatus: null }, 'openTransaction'],
  [{ inFlight: 1 }, 'inFlight'],
  [{ doubtful: true, inFlight: 1, transactionStatus: 'T' }, 'doubtful'],
  [{ dirty: true }, 'sessionState'],
  [{ dirty: true, doubtful: true }, 'sessionState'],
  [{ destroy: true }, 'asked'],
  [{ reclaimed: true, inFlight: 1, transactionStatus: 'T' }, 'reclaimed'],
  [{ lost: true, destroy: true }, 'lost'],
])('%o ends as %s', (against, verdict) => {
  expect(verdictOf({ ...clean, ...against })).toBe(verdict)
})
