import { availableParallelism, cpus } from 'node:os'
import type { RaceOptions, Standing } from './race.ts'

/** The standings of one workload at one concurrency. */
export interface Result {
  readonly workload: string
  readonly concurrency: number
  readonly standings: readonly Standing[]
}

/** A result as lines of a terminal. */
export function describeResult({ workload, concurrency, standings }: Result): string {
  const heading = `${workload}, ${concurrency} at once`
  const rows = standings.map(({ contender, perSecond, ratio, cpuUs, cpuRatio }) => {
    const speed = `${Math.round(perSecond)}/s`.padStart(10)
    const cpu = `${cpuUs.toFixed(0)} us`.padStart(8)
    return `  ${contender.padEnd(10)}${speed}  x ${ratio.toFixed(2)}   CPU ${cpu}  x ${cpuRatio.toFixed(2)}`
  })
  return [heading, ...rows, ''].join('\n')
}

/** Everything that was measured, and on what, for a program to read. */
export function asJson(
  results: readonly Result[],
  options: RaceOptions,
  serverVersion: string,
): string {
  const machine = {
    node: process.version,
    cpu: cpus()[0]?.model,
    processors: availableParallelism(),
  }
  return `${JSON.stringify({ machine, serverVersion, ...options, results }, null, 2)}\n`
}
