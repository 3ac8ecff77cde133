import { expect, test } from 'vitest'
import { table } from './table.ts'

test('columns are as wide as their widest cell, and numbers end together', () => {
  const text = table(
    ['', 'per second'],
    [
      ['pg', '900'],
      ['aquifer', '1000000'],
    ],
  )
  expect(text.split('\n')).toEqual([
    '           per second',
    '  pg              900',
    '  aquifer     1000000',
  ])
})
