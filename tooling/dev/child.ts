import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { followLog } from './log-tail.ts'

/** What to run, and how. */
export interface ChildOptions {
  name: string
  script: string
  env: NodeJS.ProcessEnv
  /** Gets all that it prints. */
  logFile: string
  /** Hears every line that it prints. */
  onLine?: (line: string) => void
}

/** A running script of ours. */
export interface Child {
  readonly name: string
  readonly pid: number | undefined
  /** Resolves with the way it ended: `code 1` or `signal SIGKILL`. */
  readonly ended: Promise<string>
  /** What it printed last beside its log in JSON: the error that ended it. */
  readonly lastWords: readonly string[]
  /** Asks it to stop; kills it after `limitMs`. */
  stop(limitMs: number): Promise<void>
  kill(): void
}

/** Loaded into every child, and so the mark of our children among other processes. */
export const preload: string = fileURLToPath(new URL('./end-with-parent.ts', import.meta.url))

const logLimitBytes = 10_000_000

/**
 * Runs a script on this Node. It gets a process group of its own, so that Ctrl-C reaches it once and in
 * order, from us; an open channel, whose end tells it that we are gone, even if we were killed; and
 * its log as a file, since a pipe would break with us, in the middle of its last words.
 */
export function startChild(options: ChildOptions): Child {
  const { name, script, env, logFile, onLine } = options
  const log = openLog(logFile)
  const child = spawn(process.execPath, ['--import', preload, script], {
    env,
    detached: true,
    stdio: ['ignore', log.file, log.file, 'ipc'],
  })
  closeSync(log.file)
  const lastWords: string[] = []
  const tail = followLog(logFile, log.bytes, (line) => {
    onLine?.(line)
    if (!line.startsWith('{')) lastWords.push(line)
    if (lastWords.length > 40) lastWords.shift()
  })
  const ended = endOf(child).then(async (how) => {
    await tail.end()
    return how
  })
  return {
    name,
    pid: child.pid,
    ended,
    lastWords,
    stop: (limitMs) => stop(child, ended, limitMs),
    kill: () => void child.kill('SIGKILL'),
  }
}

async function endOf(child: ChildProcess): Promise<string> {
  try {
    const [code, signal] = await once(child, 'exit')
    return signal === null ? `code ${code}` : `signal ${signal}`
  } catch (error) {
    return (error as Error).message
  }
}

async function stop(child: ChildProcess, ended: Promise<string>, limitMs: number): Promise<void> {
  child.kill('SIGTERM')
  const cancel = new AbortController()
  const limit = delay(limitMs, 'late', { signal: cancel.signal }).catch(() => undefined)
  if ((await Promise.race([ended, limit])) === 'late') child.kill('SIGKILL')
  cancel.abort()
  await ended
}

/** The log of the last days is enough: a long one is put aside when its process starts. */
function openLog(path: string): { file: number; bytes: number } {
  mkdirSync(dirname(path), { recursive: true })
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > logLimitBytes) {
    rmSync(`${path}.1`, { force: true })
    renameSync(path, `${path}.1`)
  }
  const file = openSync(path, 'a')
  return { file, bytes: fstatSync(file).size }
}
