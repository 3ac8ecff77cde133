import { runCommand } from '../checks/command.ts'
import { interleave } from './interleave.ts'
import { median } from './median.ts'
import type { Result } from './result.ts'
import { root, runProgram } from './run-program.ts'

const CONTENDERS = ['pg', 'postgres.js', 'kysely', 'aquifer']

/**
 * How long a new process takes to its first answer, Node's own start left out. Aquifer is built first and started
 * from what is published.
 */
export async function coldStart(url: string, rounds: number): Promise<Result> {
  const built = await runCommand(root, ['npm', 'run', 'build'], { cwd: `${root}/packages/core` })
  if (!built.ok) throw new Error(`@aquifer/core cannot be built: ${built.output}`)
  const tookMs = await interleave(CONTENDERS, rounds, (contender) =>
    runProgram('first-answer', contender, url),
  )
  const medianMs = (contender: string) => median(tookMs.get(contender) ?? [])
  return {
    workload: 'cold start',
    concurrency: 1,
    contenders: CONTENDERS.map((contender) => ({
      contender,
      firstAnswerMs: medianMs(contender),
      overPg: medianMs(contender) / medianMs('pg'),
      overKysely: medianMs(contender) / medianMs('kysely'),
    })),
  }
}
