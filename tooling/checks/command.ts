import { execFile } from 'node:child_process'
import { join } from 'node:path'

/** What a command came to. Its failure is a value, because checks report all of them. */
export interface CommandResult {
  readonly ok: boolean
  /** What it printed, standard output first. */
  readonly output: string
  readonly stdout: string
}

/** Runs a command of the toolchain to its end; `root` is where its binaries are installed. */
export function runCommand(
  root: string,
  command: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<CommandResult> {
  const [program = '', ...rest] = command
  const path = `${join(root, 'node_modules/.bin')}:${process.env.PATH ?? ''}`
  const settings = {
    cwd: options.cwd ?? root,
    env: { ...process.env, NO_COLOR: '1', ...options.env, PATH: path },
    maxBuffer: 64 * 1024 * 1024,
  }
  return new Promise((resolve) => {
    execFile(program, rest, settings, (error, stdout, stderr) => {
      const reason = error && !stdout && !stderr ? error.message : ''
      resolve({ ok: error === null, output: `${stdout}${stderr}${reason}`, stdout })
    })
  })
}
