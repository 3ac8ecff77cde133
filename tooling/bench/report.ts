import { availableParallelism, cpus } from 'node:os'
import type { RaceOptions } from './race.ts'
import type { Measure, Result } from './result.ts'
import { table } from './table.ts'
import { judge, type Verdict } from './targets.ts'

interface Column {
  readonly heading: string
  format(value: number): string
}

const COLUMNS: Readonly<Record<Measure, Column>> = {
  perSecond: { heading: 'per second', format: (value) => value.toFixed(value < 100 ? 1 : 0) },
  ratio: { heading: 'speed', format: times },
  timeRatio: { heading: 'time', format: times },
  cpuUs: { heading: 'CPU us', format: (value) => value.toFixed(value < 10 ? 2 : 0) },
  cpuRatio: { heading: 'CPU', format: times },
  statements: { heading: 'statements', format: (value) => String(value) },
  flights: { heading: 'flights', format: (value) => String(value) },
  firstAnswerMs: { heading: 'first answer ms', format: (value) => value.toFixed(0) },
  overPg: { heading: 'over pg', format: times },
  overKysely: { heading: 'over kysely', format: times },
  peakRssMb: { heading: 'peak RSS MB', format: (value) => value.toFixed(0) },
}

/** A result as lines of a terminal, with what came of its targets. */
export function describeResult(result: Result): string {
  const { workload, concurrency, contenders } = result
  const measures = (Object.keys(COLUMNS) as Measure[]).filter((measure) =>
    contenders.some((measured) => measured[measure] !== undefined),
  )
  const rows = contenders.map((measured) => [
    measured.contender,
    ...measures.map((measure) => {
      const value = measured[measure]
      return value === undefined ? '-' : COLUMNS[measure].format(value)
    }),
  ])
  const heading = ['', ...measures.map((measure) => COLUMNS[measure].heading)]
  const title = concurrency === 1 ? workload : `${workload}, ${concurrency} at once`
  return [title, table(heading, rows), ...judge(result).map(describeVerdict), ''].join('\n')
}

/** What was wanted, what was measured, whether that is enough. */
function describeVerdict(verdict: Verdict): string {
  const { number, contender, measure, bound, limit, value, missedBy } = verdict
  const { heading, format } = COLUMNS[measure]
  const wanted = `${bound === 'atLeast' ? '>=' : '<='} ${format(limit)}`
  const came = missedBy === 0 ? 'met' : `missed by ${missedBy.toFixed(2)}`
  return `  target ${number}: ${contender} ${heading} ${wanted}, is ${format(value)}: ${came}`
}

/** Everything that was measured, on what, and what came of the targets, for a program to read. */
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
  const verdicts = results.flatMap(judge)
  return `${JSON.stringify({ machine, serverVersion, ...options, results, verdicts }, null, 2)}\n`
}

function times(value: number): string {
  return `x ${value.toFixed(2)}`
}
