import fc from 'fast-check'
import { expect, test } from 'vitest'
import { backoffMs } from './backoff.ts'

test('a wait is a whole number below its doubling bound and below the cap', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.double({ min: 0, max: 0.999999, noNaN: true }),
      (attempt, point) => {
        const waitMs = backoffMs(attempt, { baseMs: 10, capMs: 500, random: () => point })
        expect(Number.isInteger(waitMs)).toBe(true)
        expect(waitMs).toBeGreaterThanOrEqual(0)
        expect(waitMs).toBeLessThan(Math.min(500, 10 * 2 ** (attempt - 1)))
      },
    ),
  )
})

test('an attempt that is no positive integer is refused by name', () => {
  expect(() => backoffMs(0)).toThrow(expect.objectContaining({ code: 'BACKOFF_ATTEMPT' }))
})
