import { expect, test } from 'vitest'
import { ArrayCodec, readArray } from './array.ts'
import { integerCodec, textCodec } from './basic.ts'

test.each([
  ['{}', []],
  ['{a,NULL,"NULL",""}', ['a', null, 'NULL', '']],
  ['{"a,b","{}","\\"","\\\\"}', ['a,b', '{}', '"', '\\']],
  [
    '{{a,b},{c,NULL}}',
    [
      ['a', 'b'],
      ['c', null],
    ],
  ],
  ['{{{a}}}', [[['a']]]],
  ['[0:1]={a,b}', ['a', 'b']],
  ['[0:0][2:3]={{a,b}}', [['a', 'b']]],
])('%s is read', (text, expected) => {
  expect(readArray(text, (item) => item)).toEqual(expected)
})

test.each(['{', '{a', '{"a', '{"a"b}', '{{a}', ''])('%j is no array', (text) => {
  expect(() => readArray(text, (item) => item)).toThrow(SyntaxError)
})

test('elements are written quoted, nulls are not', () => {
  expect(new ArrayCodec(textCodec).encode(['a"\\', null, 'NULL'])).toBe('{"a\\"\\\\",NULL,"NULL"}')
  expect(new ArrayCodec(new ArrayCodec(integerCodec)).encode([[1], [2]])).toBe('{{"1"},{"2"}}')
})
