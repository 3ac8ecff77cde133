import type { Contender, Workload } from './contender.ts'
import { interleave } from './interleave.ts'
import { median } from './median.ts'

/** How long a race lasts. */
export interface RaceOptions {
  readonly rounds: number
  readonly turnMs: number
}

/** What one contender did in one turn. */
export interface Turn {
  readonly perSecond: number
  /** Time of this process's processors for one operation, in microseconds. */
  readonly cpuUs: number
}

/** How a contender compares with the first one: medians over the rounds. */
export interface Standing extends Turn {
  readonly contender: string
  /** Throughput over that of the first contender in the same round; above 1 is faster. */
  readonly ratio: number
  /** CPU for one operation over that of the first contender in the same round; below 1 is less. */
  readonly cpuRatio: number
}

/** Lets the contenders do the work in turns, each time after a reset. */
export async function race(
  workload: Workload,
  concurrency: number,
  { rounds, turnMs }: RaceOptions,
): Promise<Standing[]> {
  const { contenders, batch = 1 } = workload
  const turns = await interleave(contenders, rounds, async (contender) => {
    await workload.reset?.()
    return take(contender, concurrency, { turnMs, batch })
  })
  const reference = turns.get(contenders[0] as Contender) ?? []
  return contenders.map((contender) => standing(contender, turns.get(contender) ?? [], reference))
}

async function take(
  contender: Contender,
  concurrency: number,
  { turnMs, batch }: { turnMs: number; batch: number },
): Promise<Turn> {
  let next = 0
  const startedAt = performance.now()
  const cpuBefore = process.cpuUsage()
  const lane = async () => {
    while (performance.now() - startedAt < turnMs) {
      const index = next
      next += 1
      await contender.run(index)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, lane))
  const { user, system } = process.cpuUsage(cpuBefore)
  const elapsedMs = performance.now() - startedAt
  const operations = next * batch
  return { perSecond: (operations / elapsedMs) * 1000, cpuUs: (user + system) / operations }
}

function standing(
  { name }: Contender,
  turns: readonly Turn[],
  reference: readonly Turn[],
): Standing {
  const over = (value: (turn: Turn) => number) =>
    median(turns.map((turn, round) => value(turn) / value(reference[round] ?? turn)))
  return {
    contender: name,
    perSecond: median(turns.map(({ perSecond }) => perSecond)),
    cpuUs: median(turns.map(({ cpuUs }) => cpuUs)),
    ratio: over(({ perSecond }) => perSecond),
    cpuRatio: over(({ cpuUs }) => cpuUs),
  }
}
