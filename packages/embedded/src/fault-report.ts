import { appendFile } from 'node:fs/promises'

/** What the test of one row of a fault table has found. */
export interface FaultResult {
  /** The name of the row, e.g. `C5`. */
  row: string
  /** What the test's random numbers were drawn from, to repeat it. */
  seed: number
  /** How often the fault was tried. */
  count: number
  /** How often the outcome was not what was promised. */
  violations: number
  /** How long each caller waited for its answer or error, in any order. @default none */
  latenciesMs?: readonly number[]
  /** How long the row was tried. @default 'short' */
  profile?: 'short' | 'long'
  /** More numbers of this row, named with their unit. */
  numbers?: Readonly<Record<string, number>>
}

/**
 * One line of JSON for a row: `row`, `profile`, `seed`, `count`, `violations`, `p50`, `p99` (in milliseconds, null
 * without latencies), then the numbers of the row.
 */
export function faultLine(result: FaultResult): string {
  const { row, profile = 'short', seed, count, violations, latenciesMs = [], numbers } = result
  const sorted = latenciesMs.toSorted((one, other) => one - other)
  const [p50, p99] = [quantile(sorted, 0.5), quantile(sorted, 0.99)]
  return JSON.stringify({ row, profile, seed, count, violations, p50, p99, ...numbers })
}

/**
 * Prints the line of a row to standard output, and appends it to the file that AQUIFER_FAULT_REPORT names, if it
 * names one. The file is left as it is otherwise, so that processes can share it.
 */
export async function reportFault(result: FaultResult): Promise<void> {
  const line = `${faultLine(result)}\n`
  process.stdout.write(line)
  const file = process.env.AQUIFER_FAULT_REPORT
  if (file) await appendFile(file, line)
}

/** The smallest value that is not exceeded by this share of all; to a hundredth. */
function quantile(sorted: readonly number[], share: number): number | null {
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]
  return value === undefined ? null : Math.round(value * 100) / 100
}
