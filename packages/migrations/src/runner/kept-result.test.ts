import { expect, test } from 'vitest'
import { answerOf, keptResult } from './kept-result.ts'

/** As the journal's column gives it back. */
const stored = (rows: unknown[], affected?: bigint) => {
  const result = { rows, ...(affected !== undefined && { numAffectedRows: affected }) }
  return JSON.parse(JSON.stringify(keptResult(result, true)))
}

test('an answer of plain values comes back as it was', () => {
  const rows = [{ a: 1, b: 'x', c: null, d: true }]
  expect(answerOf(stored(rows))).toEqual({ rows })
  expect(answerOf(stored([], 3n))).toEqual({ rows: [], numAffectedRows: 3n })
})

test.each([
  ['a date', new Date(0)],
  ['a bigint', 1n],
  ['bytes', Buffer.from('x')],
  ['no number', Number.NaN],
  ['minus zero', -0],
  ['an object', { x: 1 }],
  ['too much', 'x'.repeat(70_000)],
])('%s is not kept', (_what, value) => {
  expect(answerOf(stored([{ value }]))).toBeUndefined()
})
