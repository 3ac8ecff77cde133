import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pinnedPnpm, root } from './workspace.mjs'

const runs = join(root, '.turbo', 'runs')

/**
 * Runs turbo, which needs the pinned pnpm on its PATH, hence the way through npx.
 *
 * @returns its exit code, and what it says of each task: `{ package, task, directory, exitCode }`,
 *   where `exitCode` is undefined for a task that did not run
 */
export async function runTurbo(args) {
  rmSync(runs, { recursive: true, force: true })
  const command = ['--yes', pinnedPnpm(), 'exec', 'turbo', ...args, '--summarize']
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1' }
  const exitCode = await new Promise((resolve) => {
    const child = spawn('npx', command, { cwd: root, stdio: 'inherit', env })
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
      process.on(signal, () => child.kill(signal))
    child.on('error', (error) => {
      console.error(`npx, which comes with npm, could not be started: ${error.message}`)
      resolve(1)
    })
    child.on('close', (code) => resolve(code === null ? 1 : code))
  })
  return { exitCode, tasks: readTasks() }
}

function readTasks() {
  try {
    const [file] = readdirSync(runs)
    const summary = JSON.parse(readFileSync(join(runs, file), 'utf8'))
    return summary.tasks
      .filter(({ command }) => command !== '<NONEXISTENT>')
      .map((task) => ({
        package: task.package,
        task: task.task,
        directory: task.directory,
        exitCode: task.execution === undefined ? undefined : task.execution.exitCode,
      }))
  } catch {
    return []
  }
}
