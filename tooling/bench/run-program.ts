import { join } from 'node:path'
import { runCommand } from '../checks/command.ts'

/** The folder that holds the whole house. */
export const root: string = join(import.meta.dirname, '../..')

/**
 * Runs a program of this bench in a process of its own, for what only a fresh process shows.
 *
 * @returns the number that it prints
 */
export async function runProgram(name: string, ...rest: readonly string[]): Promise<number> {
  const script = join(import.meta.dirname, 'programs', `${name}.ts`)
  const { ok, output, stdout } = await runCommand(root, [process.execPath, script, ...rest])
  const printed = Number.parseFloat(stdout)
  if (!ok || Number.isNaN(printed)) {
    throw new Error(`${name} ${rest[0] ?? ''} has not measured anything: ${output}`)
  }
  return printed
}
