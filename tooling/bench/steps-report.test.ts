import { expect, test } from 'vitest'
import { describeSteps } from './steps-report.ts'

test('every contender has a column, and a dash where it does not take the step', () => {
  const text = describeSteps([
    { workload: 'build', concurrency: 1, contenders: [{ contender: 'aquifer', cpuUs: 3 }] },
    {
      workload: 'the whole',
      concurrency: 1,
      contenders: [
        { contender: 'pg', cpuUs: 30 },
        { contender: 'aquifer', cpuUs: 40.123 },
      ],
    },
  ])
  expect(text.split('\n')).toEqual([
    'steps of a point select, CPU us',
    '                pg  aquifer',
    '  build          -     3.00',
    '  the whole  30.00    40.12',
    '',
  ])
})
