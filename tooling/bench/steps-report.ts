import type { Result } from './result.ts'
import { table } from './table.ts'

/** Steps as lines of a terminal: a row each, a column for every contender that has it. */
export function describeSteps(steps: readonly Result[]): string {
  const contenders = steps
    .map((step) => step.contenders.map(({ contender }) => contender))
    .reduce((most, names) => (names.length > most.length ? names : most), [])
  const rows = steps.map((step) => [
    step.workload,
    ...contenders.map((name) => {
      const cpuUs = step.contenders.find(({ contender }) => contender === name)?.cpuUs
      return cpuUs === undefined ? '-' : cpuUs.toFixed(2)
    }),
  ])
  return `steps of a point select, CPU us\n${table(['', ...contenders], rows)}\n`
}
