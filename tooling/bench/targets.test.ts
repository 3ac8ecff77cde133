import { expect, test } from 'vitest'
import { openPeers } from './peers.ts'
import type { Measured } from './result.ts'
import { judge, targets } from './targets.ts'
import { workloads } from './workloads.ts'

const pointSelect = (measured: Omit<Measured, 'contender'>, concurrency = 16) =>
  judge({
    workload: 'point select',
    concurrency,
    contenders: [
      { contender: 'pg', ratio: 1, cpuRatio: 1 },
      { contender: 'aquifer-session', ...measured },
    ],
  })

test('a value on its limit meets the target', () => {
  expect(pointSelect({ ratio: 1.15, cpuRatio: 1.25 })).toMatchObject([
    { number: 1, measure: 'ratio', value: 1.15, missedBy: 0 },
    { number: 1, measure: 'cpuRatio', value: 1.25, missedBy: 0 },
  ])
})

test('a speed below and a cost above the limit miss it by the difference', () => {
  const [speed, cost] = pointSelect({ ratio: 0.9, cpuRatio: 2 })
  expect(speed?.missedBy).toBeCloseTo(0.25)
  expect(cost?.missedBy).toBeCloseTo(0.75)
})

test('what was not measured is not judged', () => {
  expect(pointSelect({ ratio: 2 })).toHaveLength(1)
  expect(pointSelect({})).toEqual([])
})

test('another concurrency has its own targets or none', () => {
  expect(pointSelect({ ratio: 1.12 }, 1)).toMatchObject([{ limit: 1.1, missedBy: 0 }])
  expect(pointSelect({ ratio: 1.12 }, 2)).toEqual([])
})

test('every target on a workload names work and a contender that are raced', async () => {
  await using peers = openPeers('postgres://nobody@127.0.0.1:1/nowhere')
  const raced = Object.values(workloads).flatMap(({ create }) => {
    const { name, concurrency, contenders } = create(peers)
    return concurrency.flatMap((at) =>
      contenders.map(({ name: contender }) => `${name} @${at} ${contender}`),
    )
  })
  const elsewhere = ['cold start', 'stream memory']
  const wanted = targets
    .filter(({ workload }) => !elsewhere.includes(workload))
    .map(({ workload, concurrency, contender }) => `${workload} @${concurrency} ${contender}`)
  expect(wanted.filter((one) => !raced.includes(one))).toEqual([])
})
