import { interleave } from './interleave.ts'
import { median } from './median.ts'
import { openPeers, type Peers } from './peers.ts'
import type { RaceOptions } from './race.ts'
import type { Measured, Result } from './result.ts'
import { furtherRow } from './steps/further-row.ts'
import { querySteps } from './steps/query.ts'
import { rows } from './steps/rows.ts'
import { cpuUsOf, oneByOne, type Step } from './steps/step.ts'
import { checkout } from './workloads/checkout.ts'
import { pointSelect } from './workloads/point-select.ts'

const ONE_ROW = 'read 1 row'
const MANY_ROWS = 'read 100 rows'
const MANY = 100

/** What each step of a point select costs this process, one statement after the other. */
export async function measureSteps(url: string, options: RaceOptions): Promise<Result[]> {
  await using peers = openPeers(url)
  const results: Result[] = []
  for (const step of stepsOf(peers)) results.push(await measure(step, options))
  return [...results, furtherRow(results, { one: ONE_ROW, many: MANY_ROWS, count: MANY })]
}

function stepsOf(peers: Peers): Step[] {
  return [
    { name: 'point select, the whole', batches: oneByOne(pointSelect(peers).contenders) },
    ...querySteps(peers),
    { name: 'checkout and release', batches: oneByOne(checkout(peers, 1).contenders) },
    { name: ONE_ROW, batches: oneByOne(rows(peers, 1)) },
    { name: MANY_ROWS, batches: oneByOne(rows(peers, MANY)) },
  ]
}

async function measure({ name, batches }: Step, options: RaceOptions): Promise<Result> {
  const samples = await interleave(Object.entries(batches), options.rounds, ([, batch]) =>
    cpuUsOf(batch, options.turnMs / 4),
  )
  const contenders = [...samples].map(([[contender], values]): Measured => {
    return { contender, cpuUs: median(values) }
  })
  return { workload: name, concurrency: 1, contenders }
}
