import { setTimeout as delay } from 'node:timers/promises'
import { EmbeddedError } from './embedded-error.ts'
import { type BoundProcess, endBound } from './lifeline.ts'
import { freezeTree, killTree, thawTree } from './process-tree.ts'

/**
 * How a server is ended. `fast` cuts the connections and writes everything out; `immediate` leaves that to the
 * recovery of the next start, as PostgreSQL does after a crash of one backend; `kill` is a power failure: every
 * process of the server is gone at one stroke.
 */
export type EndMode = 'fast' | 'immediate' | 'kill'

/**
 * One server through its restarts: which process it is now, and whether that one is frozen. Whatever is asked
 * of it happens one after the other, so that a test may dispose a server that is being restarted.
 */
export class ServerLife {
  #process: BoundProcess
  readonly #start: () => Promise<BoundProcess>
  readonly #afterEnd: () => Promise<void>
  readonly #exited = Promise.withResolvers<void>()
  #state: 'up' | 'frozen' | 'down' | 'over' = 'up'
  #isAwaited = false
  #last: Promise<unknown> = Promise.resolve()

  /** @param start starts the server again as it was; `afterEnd` follows the final end that was asked for */
  constructor(
    process: BoundProcess,
    start: () => Promise<BoundProcess>,
    afterEnd: () => Promise<void> = () => Promise.resolve(),
  ) {
    this.#process = process
    this.#start = start
    this.#afterEnd = afterEnd
    this.#watch(process)
  }

  get pid(): number {
    return this.#process.pid
  }

  /** Resolves at the final end; a process that waits for it does not itself end before. */
  get exited(): Promise<void> {
    this.#isAwaited = true
    void this.#process.exited
    return this.#exited.promise
  }

  freeze(): Promise<void> {
    return this.#inTurn(async () => {
      this.#assertUp('freeze')
      this.#state = 'frozen'
      await freezeTree(this.#process.pid)
    })
  }

  thaw(): Promise<void> {
    return this.#inTurn(() => this.#thaw())
  }

  down(mode: EndMode): Promise<void> {
    return this.#inTurn(() => this.#down(mode))
  }

  up(): Promise<void> {
    return this.#inTurn(() => this.#up())
  }

  restart(mode: EndMode): Promise<void> {
    return this.#inTurn(async () => {
      await this.#down(mode)
      await this.#up()
    })
  }

  end(mode: EndMode): Promise<void> {
    return this.#inTurn(async () => {
      await this.#endProcess(mode, 'over')
      this.#exited.resolve()
      await this.#afterEnd()
    })
  }

  async #down(mode: EndMode): Promise<void> {
    if (this.#state === 'down') return
    this.#assertUp('end')
    await this.#endProcess(mode, 'down')
  }

  async #up(): Promise<void> {
    if (this.#state === 'up') return
    if (this.#state === 'frozen') return this.#thaw()
    if (this.#state === 'over') throw ended('start')
    this.#process = await startPatiently(this.#start)
    this.#state = 'up'
    this.#watch(this.#process)
  }

  async #thaw(): Promise<void> {
    if (this.#state !== 'frozen') return
    await thawTree(this.#process.pid)
    this.#state = 'up'
  }

  async #endProcess(mode: EndMode, state: 'down' | 'over'): Promise<void> {
    const wasFrozen = this.#state === 'frozen'
    this.#state = state
    const server = this.#process
    if (server.hasExited) return
    if (mode !== 'kill') {
      // No other signal than SIGKILL reaches a process that stands still.
      if (wasFrozen) await thawTree(server.pid)
      await endBound(server, mode === 'fast' ? ['SIGINT', 'SIGQUIT'] : ['SIGQUIT'])
    }
    // Without their parent the others would end by themselves, but not at once and not if they stand still.
    if (!server.hasExited) await killTree(server.pid)
    await server.exited
  }

  #watch(server: BoundProcess): void {
    if (this.#isAwaited) void server.exited
    server.onExit(() => {
      if (this.#state === 'down' || this.#process !== server) return
      this.#state = 'over'
      this.#exited.resolve()
    })
  }

  #assertUp(wish: string): void {
    if (this.#state === 'down' || this.#state === 'over') throw ended(wish)
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const result = this.#last.then(work)
    this.#last = result.catch(() => undefined)
    return result
  }
}

function ended(wish: string): EmbeddedError {
  return new EmbeddedError(
    'NOT_RUNNING',
    `cannot ${wish} this database server: it is down or has ended. One that is down comes back with up().`,
  )
}

/**
 * The port has to be the same one, and somebody who looks for a free port may hold it for a moment; so may
 * the shared memory of processes that are just ending.
 */
async function startPatiently(start: () => Promise<BoundProcess>): Promise<BoundProcess> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start()
    } catch (error) {
      if (attempt === 10 || !mayPass(error)) throw error
      await delay(50 * attempt)
    }
  }
}

function mayPass(error: unknown): boolean {
  if (!(error instanceof EmbeddedError)) return false
  return error.code === 'PORT_TAKEN' || error.message.includes('pre-existing shared memory block')
}
