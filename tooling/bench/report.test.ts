import { expect, test } from 'vitest'
import { asJson, describeResult } from './report.ts'
import type { Result } from './result.ts'

const result: Result = {
  workload: 'point select',
  concurrency: 64,
  contenders: [
    { contender: 'pg', perSecond: 20_000, ratio: 1, cpuUs: 40, cpuRatio: 1 },
    { contender: 'aquifer-session', perSecond: 10_000, ratio: 0.5, cpuUs: 8, cpuRatio: 0.2 },
  ],
}

test('a result shows what was measured, and says of each target whether it is met', () => {
  expect(describeResult(result).split('\n')).toEqual([
    'point select, 64 at once',
    '                   per second   speed  CPU us     CPU',
    '  pg                    20000  x 1.00      40  x 1.00',
    '  aquifer-session       10000  x 0.50    8.00  x 0.20',
    '  target 1: aquifer-session speed >= x 1.15, is x 0.50: missed by 0.65',
    '  target 1: aquifer-session CPU <= x 1.25, is x 0.20: met',
    '',
  ])
})

test('a program reads the same results and verdicts', () => {
  const written = JSON.parse(asJson([result], { rounds: 3, turnMs: 300 }, '18.4'))
  expect(written).toMatchObject({
    ...{ serverVersion: '18.4', rounds: 3, turnMs: 300, results: [result] },
    verdicts: [
      { number: 1, measure: 'ratio', limit: 1.15 },
      { measure: 'cpuRatio', missedBy: 0 },
    ],
  })
})
