import { type ChildProcess, spawn } from 'node:child_process'
import type { Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { type Account, spawnOptions } from './account.ts'

/** A program that cannot outlive the process that started it, not even if that one is killed. */
export interface BoundProcess {
  readonly pid: number
  /** Resolves when the program has ended, for whatever reason. */
  readonly exited: Promise<void>
  readonly hasExited: boolean
  /** Like `exited`, for someone who only listens and keeps no process running. */
  onExit(listener: () => void): void
  signal(name: NodeJS.Signals): void
}

/** How to start a bound program. */
export interface BoundOptions {
  account?: Account | undefined
  /** A file opened for appending; the program's output goes there. */
  log: number
  /** A folder to remove if the program had to be ended because this process was killed. */
  removeOnOrphan?: string | undefined
}

/**
 * The shell becomes the program (`exec` keeps its number) and leaves a watcher behind that holds the
 * reading end of a pipe. A line on it means that all is over; its end without a line means that the
 * process at the other end is gone, and the program is asked to stop. The watcher is started
 * through a second fork: the program must not find a child that it does not know.
 */
const watcher = `
  program=$$
  ( (
    if ! read -r _ <&3; then
      kill -INT "$program"
      # A server that stands still hears nothing, and its parts stand still one by one.
      kill -CONT "$program" $(cat "/proc/$program/task/$program/children" || pgrep -P "$program")
      if [ -n "$1" ]; then
        while kill -0 "$program"; do sleep 1; done
        rm -rf "$1"
      fi
    fi
  ) >/dev/null 2>&1 & )
  shift
  exec "$@" 3<&-
`

/**
 * Starts a program in a session of its own, so that Ctrl-C in a terminal reaches only its owner,
 * who then stops it in order. It does not keep this process running.
 *
 * @throws the spawn error, e.g. `EPERM` if this process may not change to `account`
 */
export async function spawnBound(
  program: string,
  args: readonly string[],
  options: BoundOptions,
): Promise<BoundProcess> {
  const { account, log, removeOnOrphan = '' } = options
  const child = spawn('/bin/sh', ['-c', watcher, 'sh', removeOnOrphan, program, ...args], {
    ...spawnOptions(account),
    detached: true,
    stdio: ['ignore', log, log, 'pipe'],
  })
  const lifeline = child.stdio[3] as Writable
  // The reader is gone once the program has ended and the watcher with it.
  lifeline.on('error', () => undefined)
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => {
      lifeline.end('done\n')
      resolve()
    })
  })
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', reject)
  })
  // From here on only a signal that could not be sent ends up here: the program has ended before.
  child.on('error', () => undefined)
  child.unref()
  ;(lifeline as unknown as { unref(): void }).unref()
  return boundProcess(child, exited)
}

/**
 * Ends a program: each signal gets its time, and the last one should be SIGKILL, which always works.
 * SIGINT is the one that PostgreSQL calls fast: it cuts connections and writes everything out; SIGQUIT
 * leaves the rest to recovery.
 */
export async function endBound(
  program: BoundProcess,
  signals: readonly NodeJS.Signals[],
): Promise<void> {
  const limitMs: Partial<Record<NodeJS.Signals, number>> = {
    SIGINT: 5_000,
    SIGQUIT: 2_000,
    SIGTERM: 2_000,
  }
  for (const name of signals) {
    if (program.hasExited) break
    program.signal(name)
    const limit = limitMs[name]
    if (limit === undefined) await program.exited
    else await settledWithin(program.exited, limit)
  }
}

async function settledWithin(promise: Promise<void>, limitMs: number): Promise<void> {
  const cancel = new AbortController()
  const limit = delay(limitMs, undefined, { signal: cancel.signal }).catch(() => undefined)
  await Promise.race([promise, limit])
  cancel.abort()
}

function boundProcess(child: ChildProcess, exited: Promise<void>): BoundProcess {
  return {
    pid: child.pid as number,
    get exited() {
      // Whoever waits for the end must not itself end before.
      child.ref()
      return exited
    },
    get hasExited() {
      return child.exitCode !== null || child.signalCode !== null
    },
    onExit: (listener) => void exited.then(listener),
    signal: (name) => void child.kill(name),
  }
}
