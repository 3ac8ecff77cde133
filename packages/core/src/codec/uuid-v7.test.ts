import { expect, test } from 'vitest'
import { uuidv7 } from './uuid-v7.ts'

test('a UUID of version 7 begins with the time at which it was made', () => {
  const before = Date.now()
  const uuid = uuidv7()
  const after = Date.now()

  expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  const ms = Number.parseInt(uuid.replaceAll('-', '').slice(0, 12), 16)
  expect(ms).toBeGreaterThanOrEqual(before)
  expect(ms).toBeLessThanOrEqual(after)
})

test('no two are equal', () => {
  expect(new Set(Array.from({ length: 1_000 }, uuidv7)).size).toBe(1_000)
})
