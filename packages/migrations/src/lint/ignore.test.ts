import { expect, test } from 'vitest'
import { parseIgnore } from './ignore.ts'

const here = { line: 3, column: 1 }

test.each([
  ['-- aquifer-lint-ignore drop-table: nobody: really', ['drop-table'], 'nobody: really'],
  ['/* aquifer-lint-ignore drop-table , json-type :gone */', ['drop-table', 'json-type'], 'gone'],
  ['// aquifer-lint-ignore set-not-null', ['set-not-null'], ''],
  ['-- aquifer-lint-ignore: all of it', [], 'all of it'],
])('%s', (comment, rules, reason) => {
  expect(parseIgnore(comment, here)).toEqual({ rules, reason, position: here })
})

test('another comment is none', () => {
  expect(parseIgnore('-- drop-table: nobody uses it', here)).toBeUndefined()
})
