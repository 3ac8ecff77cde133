import { expect, test } from 'vitest'
import { median } from './median.ts'

test('the median of an odd number is the middle one, of an even number the mean of two', () => {
  expect(median([9, 1, 5])).toBe(5)
  expect(median([1, 2, 4, 100])).toBe(3)
})

test('numbers are ordered by size and not by their digits', () => {
  expect(median([100, 20, 3])).toBe(20)
})

test('nothing has no median', () => {
  expect(median([])).toBeNaN()
})
