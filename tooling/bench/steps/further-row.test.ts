import { expect, test } from 'vitest'
import { furtherRow } from './further-row.ts'

test('a further row costs the difference of two answers over the rows between them', () => {
  const step = (workload: string, pgUs: number, aquiferUs: number) => ({
    workload,
    concurrency: 1,
    contenders: [
      { contender: 'pg', cpuUs: pgUs },
      { contender: 'aquifer', cpuUs: aquiferUs },
    ],
  })
  const steps = [step('long', 130, 440), step('short', 30, 40)]
  expect(furtherRow(steps, { one: 'short', many: 'long', count: 101 }).contenders).toEqual([
    { contender: 'pg', cpuUs: 1 },
    { contender: 'aquifer', cpuUs: 4 },
  ])
})
