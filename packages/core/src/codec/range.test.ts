import { expect, test } from 'vitest'
import { digitsCodec, textCodec } from './basic.ts'
import { multirangeCodec, rangeCodec } from './range.ts'

const range = rangeCodec(textCodec)

test.each([
  ['empty', 'empty'],
  ['(,)', { lower: null, upper: null, lowerInclusive: false, upperInclusive: false }],
  ['[1,2)', { lower: '1', upper: '2', lowerInclusive: true, upperInclusive: false }],
  ['(1,]', { lower: '1', upper: null, lowerInclusive: false, upperInclusive: true }],
  [
    '["a,""b"," )\\\\"]',
    { lower: 'a,"b', upper: ' )\\', lowerInclusive: true, upperInclusive: true },
  ],
])('%s is read', (text, expected) => {
  expect(range.decode(text)).toEqual(expected)
})

test('a text that ends within a bound is no range', () => {
  expect(() => range.decode('[1,')).toThrow(SyntaxError)
  expect(() => range.decode('["1')).toThrow(SyntaxError)
})

test('a bound that is none is never included', () => {
  const all = { lower: null, upper: null, lowerInclusive: true, upperInclusive: true }
  expect(range.encode?.(all)).toBe('(,)')
})

test('ranges stand one behind the other', () => {
  const { decode } = multirangeCodec(digitsCodec)
  expect(decode('{}')).toEqual([])
  expect(decode('{[1,2),["3",)}')).toEqual([
    { lower: '1', upper: '2', lowerInclusive: true, upperInclusive: false },
    { lower: '3', upper: null, lowerInclusive: true, upperInclusive: false },
  ])
})
