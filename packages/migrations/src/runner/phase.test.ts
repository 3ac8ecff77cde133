import { expect, test } from 'vitest'
import { isAtLeast } from './phase.ts'

test.each([
  ['1.2.3', '1.2.3', true],
  ['1.10.0', '1.9.3', true],
  ['1.9.3', '1.10.0', false],
  ['2', '1.9', true],
  ['1.0', '1.0.0', true],
  ['v2.0.0', '2.0.0', true],
  ['2.0.0', '2.0.0-rc.1', true],
  ['2.0.0-rc.1', '2.0.0', false],
  ['2.0.0-rc.10', '2.0.0-rc.9', true],
  ['1.0.0+b2', '1.0.0+b1', true],
  ['8f3a2c1', '8f3a2c1', true],
  ['8f3a2c1', '1.0.0', false],
  ['1.0.0', '8f3a2c1', false],
])('%s is at least %s: %s', (version, other, expected) => {
  expect(isAtLeast(version, other)).toBe(expected)
})
