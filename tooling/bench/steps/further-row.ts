import type { Result } from '../result.ts'

/** Which of the measured steps read how many rows. */
export interface Answers {
  readonly one: string
  readonly many: string
  readonly count: number
}

/** What a row more costs: the difference of a long and a short answer, by row. */
export function furtherRow(steps: readonly Result[], { one, many, count }: Answers): Result {
  const contendersOf = (name: string) =>
    steps.find(({ workload }) => workload === name)?.contenders ?? []
  const contenders = contendersOf(many).map(({ contender, cpuUs = Number.NaN }) => {
    const short = contendersOf(one).find((other) => other.contender === contender)
    return { contender, cpuUs: (cpuUs - (short?.cpuUs ?? Number.NaN)) / (count - 1) }
  })
  return { workload: 'decode and map a row', concurrency: 1, contenders }
}
