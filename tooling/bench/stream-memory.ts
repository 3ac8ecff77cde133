import { interleave } from './interleave.ts'
import { median } from './median.ts'
import type { Result } from './result.ts'
import { runProgram } from './run-program.ts'

const CONTENDERS = ['pg', 'postgres.js', 'kysely', 'aquifer']

/** How far resident memory rises while all readings are streamed, each time in a new process. */
export async function streamMemory(url: string, rounds: number): Promise<Result> {
  const roseMb = await interleave(CONTENDERS, rounds, (contender) =>
    runProgram('peak-memory', contender, url),
  )
  return {
    workload: 'stream memory',
    concurrency: 1,
    contenders: CONTENDERS.map((contender) => ({
      contender,
      peakRssMb: median(roseMb.get(contender) ?? []),
    })),
  }
}
