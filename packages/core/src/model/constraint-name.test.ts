import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bytesIn, conventionalName, type NameEnding } from './constraint-name.ts'

const endings: readonly NameEnding[] = ['pkey', 'key', 'idx', 'fkey', 'check', 'excl']
const longWord = fc.string({ unit: 'grapheme', minLength: 20, maxLength: 60 })

test.each([
  ['users', [], 'pkey', 'users_pkey'],
  ['users', ['email'], 'key', 'users_email_key'],
  ['posts', ['author_id', 'created_at'], 'idx', 'posts_author_id_created_at_idx'],
] as const)('%s with %j is named as PostgreSQL names it', (table, columns, ending, name) => {
  expect(conventionalName(table, columns, ending)).toBe(name)
})

test('no name is longer than 63 bytes or holds half a character, and it keeps its ending', () => {
  fc.assert(
    fc.property(
      longWord,
      fc.array(longWord),
      fc.constantFrom(...endings),
      (table, columns, ending) => {
        const name = conventionalName(table, columns, ending)
        expect(bytesIn(name)).toBeLessThanOrEqual(63)
        expect(name.isWellFormed()).toBe(true)
        expect(name.endsWith(`_${ending}`)).toBe(true)
      },
    ),
  )
})

test('two long names that begin alike stay apart', () => {
  const long = 'a_column_with_a_name_that_nobody_would_want_to_type'
  const names = ['one', 'two'].map((last) => conventionalName('orders', [long, last], 'idx'))
  expect(new Set(names).size).toBe(2)
  expect(names[0]).toMatch(/^orders_a_column_with_a_name_that_nobody_would_want_[0-9a-f]{8}_idx$/)
})
