import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineJob, type JobDefinition } from './contract.ts'

const schema = z.object({ to: z.string() })

test('a contract states every default', () => {
  expect(defineJob({ name: 'greet', version: 1, schema })).toMatchObject({
    queue: 'default',
    attempts: 10,
    backoff: { type: 'exponential', delayMs: 1_000 },
    timeoutMs: 60_000,
    retention: { completedMs: 86_400_000, failedMs: 14 * 86_400_000 },
  })
})

test.for<Partial<JobDefinition<unknown, unknown>>>([
  { name: '' },
  { name: 'with space' },
  { name: '4711' },
  { queue: 'a:b' },
  { version: 0 },
  { version: 1.5 },
  { attempts: 0 },
  { timeoutMs: 0 },
  { timeoutMs: Number.NaN },
  { backoff: { type: 'fixed', delayMs: -1 } },
  { retention: { completedMs: 0 } },
])('a contract with %o is refused', (wrong) => {
  expect(() => defineJob({ name: 'greet', version: 1, schema, ...wrong })).toThrow(
    expect.objectContaining({ code: 'JOB_CONTRACT_INVALID' }),
  )
})
