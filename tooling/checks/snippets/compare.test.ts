import { expect, test } from 'vitest'
import { firstMissingLine } from './compare.ts'

test.each([
  ['all lines', 'one\ntwo', 'one\ntwo\n'],
  ['lines with others between', 'one\nthree', 'zero\none\ntwo\nthree\n'],
  ['other spacing', 'API  http://localhost', '   API       http://localhost  '],
  ['colours', 'ready', '\u001b[32mready\u001b[39m'],
  ['an elided part', '{"items":[...],"next":null}', '{"items":[{"id":1}],"next":null}'],
  ['an elided line', 'one\n...\nthree', 'one\ntwo\nthree'],
  ['another identifier', crypto.randomUUID(), crypto.randomUUID()],
  ['another time', 'at 2026-01-01T10:00:00.000Z', 'at 2027-12-24T23:59:59.123Z'],
  ['another duration', 'done in 12 ms', 'done in 3.4 s'],
  ['nothing expected', '', 'anything'],
])('%s are enough', (_, expected, actual) => {
  expect(firstMissingLine(expected, actual)).toBeUndefined()
})

test.each([
  ['a missing line', 'one\ntwo', 'one', 'two'],
  ['a part of a line', 'ready', 'not ready', 'ready'],
  ['lines in another order', 'one\ntwo', 'two\none', 'two'],
  ['a line that is there once and expected twice', 'one\none', 'one', 'one'],
  ['a dot that is not a dot', 'a.b', 'axb', 'a.b'],
  ['a number', '3 users', '4 users', '3 users'],
])('%s is found', (_, expected, actual, missing) => {
  expect(firstMissingLine(expected, actual)).toBe(missing)
})
