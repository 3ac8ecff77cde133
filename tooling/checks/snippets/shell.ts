import { spawn } from 'node:child_process'
import { once } from 'node:events'

const GOOD_ORDER_MS = 15_000

/** What a command printed, both streams as they came, and how it ended. */
export interface ShellResult {
  readonly output: string
  /** Undefined if it had not ended when the time was over. */
  readonly exitCode: number | undefined
}

/** A command that goes on in the background. */
export interface BackgroundCommand {
  readonly output: string
  /** Resolves once `enough` is content with the output so far; false if it ended or took too long. */
  outputSatisfies(enough: (output: string) => boolean, timeoutMs: number): Promise<boolean>
  /** Ends it as Ctrl-C does; false if it had to be killed. */
  stop(timeoutMs: number): Promise<boolean>
}

/** One shell for the commands of a page: folder and variables last from one to the next. */
export interface Shell extends AsyncDisposable {
  /** The first command that fails ends the shell, as in a script with `set -e`. */
  run(command: string, timeoutMs: number): Promise<ShellResult>
  start(command: string): BackgroundCommand
}

/** Opens a shell in `folder`. What it started ends with it. */
export function openShell(folder: string, env: NodeJS.ProcessEnv): Shell {
  const options = { cwd: folder, env, detached: true } as const
  const shell = spawn('bash', ['--norc'], { ...options, stdio: ['pipe', 'pipe', 'ignore'] })
  const groups = [shell.pid]
  const killAll = () => {
    for (const group of groups) signal(group, 'SIGKILL')
  }
  process.once('exit', killAll)
  const mark = `\u0004${process.pid}`
  const ended = once(shell, 'exit')
  const closed = once(shell, 'close')
  // A write to a shell that has just ended is not what failed.
  shell.stdin.on('error', () => {})
  shell.stdin.write('exec 2>&1\nset -e\n')

  return {
    async run(command, timeoutMs) {
      shell.stdin.write(`{ ${command}\n} </dev/null\nprintf '${mark}\\n'\n`)
      const output = await read(shell.stdout, (text) => text.includes(mark), timeoutMs)
      if (output.includes(mark))
        return { output: output.slice(0, output.indexOf(mark)), exitCode: 0 }
      if (!shell.stdout.closed) return { output, exitCode: undefined }
      await closed
      return { output, exitCode: shell.exitCode ?? 1 }
    },
    start(command) {
      const child = spawn('bash', ['--norc', '-c', `exec 2>&1; ${command}`], {
        ...options,
        stdio: ['ignore', 'pipe', 'ignore'],
      })
      groups.push(child.pid)
      let output = ''
      child.stdout.on('data', (chunk) => {
        output += chunk
      })
      const ended = once(child, 'close')
      return {
        get output() {
          return output
        },
        async outputSatisfies(enough, timeoutMs) {
          if (enough(output)) return true
          const before = output
          await read(child.stdout, (text) => enough(before + text), timeoutMs)
          return enough(output)
        },
        async stop(timeoutMs) {
          signal(child.pid, 'SIGINT')
          return withinTime(ended, timeoutMs)
        },
      }
    },
    async [Symbol.asyncDispose]() {
      // First as Ctrl-C does: what a command started outside of its group ends only in good order.
      for (const group of groups) signal(group, 'SIGINT')
      await withinTime(ended, GOOD_ORDER_MS)
      killAll()
      process.removeListener('exit', killAll)
      await closed
    },
  }
}

/** Reads until `enough` is content, the stream ends or the time is over. */
function read(
  stream: NodeJS.ReadableStream,
  enough: (text: string) => boolean,
  timeoutMs: number,
): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  let text = ''
  const finish = () => resolve(text)
  const take = (chunk: Buffer) => {
    text += chunk
    if (enough(text)) finish()
  }
  const timer = setTimeout(finish, timeoutMs)
  stream.on('data', take)
  stream.on('close', finish)
  return promise.finally(() => {
    clearTimeout(timer)
    stream.removeListener('data', take)
    stream.removeListener('close', finish)
  })
}

async function withinTime(event: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => resolve(false), timeoutMs)
  return Promise.race([event.then(() => true), promise]).finally(() => clearTimeout(timer))
}

/** Reaches the command and everything it started; those that ended already are not there. */
function signal(group: number | undefined, name: NodeJS.Signals): void {
  if (group === undefined) return
  try {
    process.kill(-group, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
