import { expect, test } from 'vitest'
import { Deadline } from './deadline.ts'

test('a deadline of 0 ms has passed, one of an hour has not', () => {
  expect(Deadline.after(0).expired).toBe(true)
  expect(Deadline.after(0).remainingMs).toBe(0)
  expect(Deadline.after(3_600_000).expired).toBe(false)
})

test('earlier() is the nearer of two, and the one there is', () => {
  const near = Deadline.after(1_000)
  const far = Deadline.after(9_000)
  expect(Deadline.earlier(near, far)).toBe(near)
  expect(Deadline.earlier(far, near)).toBe(near)
  expect(Deadline.earlier(far, undefined)).toBe(far)
})

test('its signal aborts when it passes', async () => {
  const { signal } = Deadline.after(1)
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  expect(signal.aborted).toBe(true)
})

test('a duration that is negative or no number is refused by name', () => {
  for (const wrong of [-1, Number.NaN]) {
    expect(() => Deadline.after(wrong)).toThrow(
      expect.objectContaining({ code: 'DEADLINE_INVALID' }),
    )
  }
})
