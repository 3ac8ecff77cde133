import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toCamelCase, toSnakeCase } from './naming.ts'

test.each([
  ['id', 'id'],
  ['welcomedAt', 'welcomed_at'],
  ['userRoles', 'user_roles'],
  ['line2', 'line2'],
  ['line_2', 'line_2'],
  ['aBC', 'a_b_c'],
  ['*', '*'],
])('%s is %s in PostgreSQL, and back', (camel, snake) => {
  expect(toSnakeCase(camel)).toBe(snake)
  expect(toCamelCase(snake)).toBe(camel)
})

test('every camelCase name survives the way to PostgreSQL and back', () => {
  const word = fc.stringMatching(/^[a-z][a-z0-9]{0,6}$/)
  const name = fc
    .tuple(word, fc.array(word, { maxLength: 4 }))
    .map(([first, rest]) => first + rest.map((w) => w[0]?.toUpperCase() + w.slice(1)).join(''))
  fc.assert(
    fc.property(name, (camel) => {
      expect(toCamelCase(toSnakeCase(camel))).toBe(camel)
    }),
  )
})
