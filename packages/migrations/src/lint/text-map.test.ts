import { expect, test } from 'vitest'
import { TextMap } from './text-map.ts'

test('bytes, characters and units are told apart', () => {
  const text = 'aé😀b\nü;\n'
  const map = new TextMap(text)
  const bytesBefore = (index: number) => Buffer.byteLength(text.slice(0, index))
  for (const index of [0, 1, 2, 4, 5, 6, 7, 8]) {
    expect(map.index(bytesBefore(index))).toBe(index)
    expect(map.indexOfCharacter([...text.slice(0, index)].length)).toBe(index)
  }
  expect(map.index(999)).toBe(text.length)
  expect(map.slice(bytesBefore(1), bytesBefore(4))).toBe('é😀')
})

test('lines and columns count from 1', () => {
  const map = new TextMap('ab\r\n\ncd')
  expect([0, 1, 4, 5, 6, 7].map((index) => map.position(index))).toEqual([
    { line: 1, column: 1 },
    { line: 1, column: 2 },
    { line: 2, column: 1 },
    { line: 3, column: 1 },
    { line: 3, column: 2 },
    { line: 3, column: 3 },
  ])
  expect(map.lineStart(3)).toBe(5)
  expect(map.lineStart(9)).toBe(7)
})
