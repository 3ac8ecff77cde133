import { expect, test } from 'vitest'
import { progressBar } from './progress-bar.ts'

const progress = {
  event: 'progress',
  name: 'emails',
  totalRows: 4_000_000,
  rowsPerSecond: 12_500,
} as const

test('a bar tells rows, speed and what is left', () => {
  expect(progressBar({ ...progress, doneRows: 1_000_000, leftMs: 240_000 })).toBe(
    'emails ██████░░░░░░░░░░░░░░░░░░ 25 %  1,000,000 of 4,000,000 rows, 12,500/s, 4 min 0 s left',
  )
  expect(progressBar({ ...progress, doneRows: 0 })).toContain('░ 0 %  0 of')
  expect(progressBar({ ...progress, totalRows: 0, doneRows: 0 })).toContain('█ 100 %')
  expect(progressBar({ ...progress, doneRows: 3_999_999 })).toContain(' 99 %')
})

test('why it does not move stands in its place', () => {
  expect(progressBar({ event: 'throttled', name: 'emails', lagMs: 9_000 })).toBe(
    'emails: waiting, a standby is 9.0 s behind',
  )
  expect(
    progressBar({ event: 'repeated', name: 'emails', code: 'LOCK_TIMEOUT', batchRows: 50 }),
  ).toBe('emails: a batch met LOCK_TIMEOUT, again with 50 rows')
})
