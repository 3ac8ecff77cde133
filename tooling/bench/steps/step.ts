import type { Contender } from '../contender.ts'

/**
 * Does a step as often as it is told. Only what it returns is timed, so that what the step needs can
 * be made before.
 */
export type Batch = (count: number) => () => Promise<void> | void

/** A part of what a statement costs, by contender. */
export interface Step {
  readonly name: string
  readonly batches: Readonly<Record<string, Batch>>
}

const COUNT = 100

/** CPU of this process for doing a step once, in microseconds, measured for at least `durationMs`. */
export async function cpuUsOf(batch: Batch, durationMs: number): Promise<number> {
  const startedAt = performance.now()
  let cpuUs = 0
  let done = 0
  do {
    const work = batch(COUNT)
    const before = process.cpuUsage()
    await work()
    const { user, system } = process.cpuUsage(before)
    cpuUs += user + system
    done += COUNT
  } while (performance.now() - startedAt < durationMs)
  return cpuUs / done
}

/** The work of contenders, one operation after the other. */
export function oneByOne(contenders: readonly Contender[]): Step['batches'] {
  return Object.fromEntries(
    contenders.map(({ name, run }): [string, Batch] => [
      name,
      (count) => async () => {
        for (let index = 0; index < count; index += 1) await run(index)
      },
    ]),
  )
}
