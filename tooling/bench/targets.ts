import type { Measure, Result } from './result.ts'

/** What the project wants one contender to reach in one workload. */
export interface Target {
  /** Its place in the project's list of targets. */
  readonly number: number
  readonly workload: string
  readonly concurrency: number
  readonly contender: string
  readonly measure: Measure
  readonly bound: 'atLeast' | 'atMost'
  readonly limit: number
}

/** What came of a target. */
export interface Verdict extends Target {
  readonly value: number
  /** How far the value is on the wrong side of the limit; 0 if the target is met. */
  readonly missedBy: number
}

type Goal = Omit<Target, 'number' | 'workload' | 'contender'>

const atLeast = (concurrency: number, measure: Measure, limit: number): Goal => ({
  ...{ concurrency, measure, limit },
  bound: 'atLeast',
})
const atMost = (concurrency: number, measure: Measure, limit: number): Goal => ({
  ...{ concurrency, measure, limit },
  bound: 'atMost',
})
const targetsOf = (number: number, [workload, contender]: [string, string], ...goals: Goal[]) =>
  goals.map((goal): Target => ({ number, workload, contender, ...goal }))

const oneRow = [1, 16].flatMap((concurrency) => [
  atLeast(concurrency, 'ratio', 1),
  atMost(concurrency, 'cpuRatio', 1.3),
  atMost(concurrency, 'statements', 1),
])

/** The targets that this bench can judge. */
export const targets: readonly Target[] = [
  ...targetsOf(
    1,
    ['point select', 'aquifer-session'],
    atLeast(1, 'ratio', 1.1),
    atLeast(16, 'ratio', 1.15),
    atLeast(64, 'ratio', 1.15),
    ...[1, 16, 64].map((concurrency) => atMost(concurrency, 'cpuRatio', 1.25)),
  ),
  ...targetsOf(
    2,
    ['point select', 'aquifer-multiplex'],
    atLeast(16, 'ratio', 1.7),
    atLeast(64, 'ratio', 2),
  ),
  ...targetsOf(3, ['insert returning', 'aquifer'], ...oneRow),
  ...targetsOf(3, ['update returning', 'aquifer'], ...oneRow),
  ...targetsOf(
    4,
    ['nested list', 'aquifer'],
    ...[1, 16].flatMap((concurrency) => [
      atLeast(concurrency, 'ratio', 0.95),
      atMost(concurrency, 'cpuRatio', 1.35),
    ]),
  ),
  // At most 0.70 of the time of the JSON statement.
  ...targetsOf(5, ['nested 500', 'aquifer'], atLeast(1, 'ratio', 1 / 0.7)),
  // BEGIN, the query, a statement for each of three edges, COMMIT.
  ...targetsOf(6, ['nested list', 'aquifer'], atMost(1, 'flights', 1), atMost(1, 'statements', 6)),
  ...targetsOf(
    7,
    ['json body', 'aquifer'],
    ...[1, 16].map((concurrency) => atMost(concurrency, 'cpuRatio', 0.35)),
  ),
  ...['newest three', 'keyset page'].flatMap((workload) =>
    targetsOf(
      8,
      [workload, 'aquifer'],
      atLeast(1, 'ratio', 0.95),
      atLeast(16, 'ratio', 0.9),
      atMost(1, 'statements', 1),
    ),
  ),
  ...targetsOf(
    9,
    ['transfer', 'aquifer'],
    atLeast(1, 'ratio', 1.15),
    atLeast(16, 'ratio', 1.05),
    atMost(1, 'flights', 4),
  ),
  ...targetsOf(9, ['transfer, far', 'aquifer'], atMost(1, 'timeRatio', 0.8)),
  ...targetsOf(11, ['stream', 'aquifer'], atLeast(1, 'ratio', 0.95)),
  ...targetsOf(11, ['stream memory', 'aquifer'], atMost(1, 'peakRssMb', 50)),
  ...targetsOf(12, ['checkout', 'aquifer'], atMost(1, 'cpuRatio', 2), atMost(1, 'statements', 0)),
  ...targetsOf(12, ['cold start', 'aquifer'], atMost(1, 'overKysely', 1.1)),
]

/** What came of the targets that a result says something about. */
export function judge(result: Result): Verdict[] {
  return targets.flatMap((target) => {
    if (target.workload !== result.workload || target.concurrency !== result.concurrency) return []
    const measured = result.contenders.find(({ contender }) => contender === target.contender)
    const value = measured?.[target.measure]
    return value === undefined ? [] : [{ ...target, value, missedBy: missedBy(target, value) }]
  })
}

function missedBy({ bound, limit }: Target, value: number): number {
  return Math.max(0, bound === 'atLeast' ? limit - value : value - limit)
}
