import { expect, test } from 'vitest'
import { newJobId } from './job-id.ts'

test('a job id is a prefixed UUIDv7 without a colon, different each time', () => {
  const ids = Array.from({ length: 1_000 }, newJobId)

  expect(new Set(ids).size).toBe(1_000)
  for (const id of ids)
    expect(id).toMatch(/^job_[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})

test('a job id begins with the time at which it was made', () => {
  const before = Date.now()
  const madeAt = Number.parseInt(
    newJobId().replace('job_', '').replaceAll('-', '').slice(0, 12),
    16,
  )

  expect(madeAt).toBeGreaterThanOrEqual(before)
  expect(madeAt).toBeLessThanOrEqual(Date.now())
})
