import { setTimeout as delay } from 'node:timers/promises'
import { type Child, type ChildOptions, startChild } from './child.ts'
import { StartError } from './start-error.ts'

/** A script that is started again whenever it ends. */
export interface Supervised {
  readonly name: string
  /**
   * Waits until `isReady` holds. From then on an end is only an interruption.
   *
   * @throws {StartError} with its last words if it ends before
   */
  ready(isReady: () => Promise<boolean>): Promise<void>
  stop(limitMs: number): Promise<void>
  kill(): void
}

/** How to run and restart it. */
export interface SupervisedOptions extends ChildOptions {
  say(text: string): void
  /** Hears the number of each process, the first included. */
  onStart?(pid: number | undefined): void
  /** Waits before the first restart; doubles with each that follows closely. @default 250 */
  firstWaitMs?: number
}

const longestWaitMs = 15_000
/** Who ran this long is not in a loop of crashes. */
const steadyAfterMs = 30_000
const readyPollMs = 50
const readyLimitMs = 60_000

/** Runs a script and keeps it running. */
export function supervise(options: SupervisedOptions): Supervised {
  const { name, say, onStart, firstWaitMs = 250 } = options
  const stopping = new AbortController()
  let child = start()
  let startedAt = performance.now()
  let waitMs = firstWaitMs

  function start(): Child {
    const started = startChild(options)
    onStart?.(started.pid)
    return started
  }

  async function keepRunning(): Promise<void> {
    while (!stopping.signal.aborted) {
      const how = await child.ended
      if (stopping.signal.aborted) return
      if (performance.now() - startedAt > steadyAfterMs) waitMs = firstWaitMs
      say(`${name} ended (${how})${reason(child)}; starting it again in ${waitMs / 1000} s`)
      await delay(waitMs, undefined, { signal: stopping.signal }).catch(() => undefined)
      if (stopping.signal.aborted) return
      waitMs = Math.min(waitMs * 2, longestWaitMs)
      startedAt = performance.now()
      child = start()
    }
  }

  return {
    name,
    async ready(isReady) {
      const ended = child.ended.then((how) => ({ how }))
      const until = performance.now() + readyLimitMs
      for (;;) {
        const outcome = await Promise.race([ended, isReady()])
        if (outcome === true) break
        if (outcome !== false) {
          throw new StartError(`${name} did not start (${outcome.how})${reason(child)}`)
        }
        if (performance.now() > until) throw new StartError(`${name} did not become ready`)
        await delay(readyPollMs)
      }
      void keepRunning()
    },
    async stop(limitMs) {
      stopping.abort()
      await child.stop(limitMs)
    },
    kill() {
      stopping.abort()
      child.kill()
    },
  }
}

/** The line that names the error; the rest is in the log. */
function reason({ lastWords }: Child): string {
  const line = lastWords.find((one) => /error|cannot|failed/i.test(one)) ?? lastWords.at(-1)
  return line === undefined ? '' : `: ${line.trim()}`
}
