import { expect, test } from 'vitest'
import { nextBatchRows } from './batch-rows.ts'

test.each([
  [100, 250, 100],
  [100, 500, 50],
  [100, 5_000, 50],
  [100, 200, 125],
  [100, 1, 200],
  [900, 1, 1_000],
  [1, 5_000, 1],
  [1, 0, 2],
])('after %i rows in %i ms come %i', (rows, tookMs, expected) => {
  expect(nextBatchRows({ rows, tookMs, batchMs: 250, maxBatchRows: 1_000 })).toBe(expected)
})
