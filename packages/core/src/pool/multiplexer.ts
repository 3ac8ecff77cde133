import type { AquiferError } from '../errors/aquifer-error.ts'
import { leadToCaller, nowhere } from '../time/call-site.ts'
import { after, every, monotonicMs, type Timer } from '../time/clock.ts'
import type { Answers } from './answer.ts'
import type { Backend } from './backend.ts'
import {
  aborted,
  type Lease,
  SETTLE_LIMIT_MS,
  type StatementOptions,
  tooLate,
  tooLateToSend,
} from './lease.ts'
import type { Pool } from './pool.ts'
import type { Statement } from './statement.ts'
import { deadlinePassed } from './wait-queue.ts'

/** One shared connection. */
interface Line {
  readonly lease: Lease
  /** When the last answer came; after a while without one it is asked whether it lives. */
  heardAt: number
}

/**
 * Sends statements of many callers over a few shared connections, each under its own Sync, without waiting for the answers of
 * those before. For single statements outside of transactions that set no state.
 *
 * A caller who gives up is freed at once. The server is asked to cancel only if nobody else's statement could be hit; else the
 * statement runs to its end or to statement_timeout, and the connection takes no new ones.
 *
 * @see "Pipelining" in the PostgreSQL protocol documentation
 */
export class Multiplexer {
  readonly #pool: Pool
  readonly #connections: number
  readonly #lines = new Set<Line>()
  #opening: Promise<Line> | undefined

  constructor(pool: Pool, connections: number) {
    this.#pool = pool
    this.#connections = connections
  }

  /**
   * Runs one statement.
   *
   * @throws as `pool.acquire` and `lease.run` do
   */
  async run(statement: Statement, options: StatementOptions): Promise<Answers> {
    for (let attempt = 1; ; attempt += 1) {
      let line = await this.#line(options)
      // Whoever was on it may have given up meanwhile, and the cancel would hit this statement.
      while (!this.#lines.has(line)) line = await this.#line(options)
      try {
        const answers = await this.#send(line, statement, options)
        line.heardAt = monotonicMs()
        return answers
      } catch (error) {
        const { lost } = line.lease.backend
        const again = lost !== undefined && statement.safeRead === true && attempt === 1
        if (again) continue
        leadToCaller(error)
        throw error
      }
    }
  }

  /** The connection with the least to do; another one is opened while all are busy and there may be more. */
  async #line(options: StatementOptions): Promise<Line> {
    const best = this.#leastBusy()
    const mayOpen = this.#lines.size < this.#connections && this.#opening === undefined
    if (best === undefined || (best.lease.backend.load > 0 && mayOpen)) {
      this.#opening ??= this.#open().finally(() => {
        this.#opening = undefined
      })
      this.#opening.catch(() => {})
      if (best === undefined) return await whileWanted(this.#opening, options)
    }
    if (best.lease.backend.load === 0) await this.#assureLife(best)
    return best.lease.usable ? best : this.#line(options)
  }

  #leastBusy(): Line | undefined {
    let best: Line | undefined
    for (const line of [...this.#lines]) {
      if (this.#pool.validity.objection(line.lease.backend)) this.#retire(line)
      else if (best === undefined || line.lease.backend.load < best.lease.backend.load) best = line
    }
    return best
  }

  /** For whoever needs it: no caller's signal or deadline ends it for the others. */
  async #open(): Promise<Line> {
    const lease = await this.#pool.acquire({ dedicated: true, takenAt: nowhere })
    const line = { lease, heardAt: monotonicMs() }
    lease.backend.shared = true
    lease.onLost(() => this.#retire(line))
    this.#lines.add(line)
    return line
  }

  async #assureLife(line: Line): Promise<void> {
    const silentMs = monotonicMs() - line.heardAt
    if (this.#pool.settings.prePing === 'never') return
    if (silentMs <= this.#pool.settings.livenessAfterMs) return
    line.heardAt = monotonicMs()
    await line.lease.backend.run({ text: '' }, { early: true }).catch(() => this.#retire(line))
  }

  async #send(line: Line, statement: Statement, options: StatementOptions): Promise<Answers> {
    const { deadline, signal } = options
    const refusal = tooLateToSend(options)
    if (refusal !== undefined) throw refusal
    const { backend } = line.lease
    const gaveUp = Promise.withResolvers<never>()
    const giveUp = (error: AquiferError) => {
      const isAlone = backend.load === 1
      gaveUp.reject(error)
      this.#retire(line, isAlone ? error : undefined)
    }
    const outcome = backend.outcomeIfLost([statement])
    const timer = deadline && after(deadline.remainingMs, () => giveUp(tooLate(outcome)))
    const onAbort = () => giveUp(aborted(outcome, signal?.reason))
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      return await Promise.race([backend.fly([statement]), gaveUp.promise])
    } finally {
      timer?.cancel()
      signal?.removeEventListener('abort', onAbort)
    }
  }

  /** Takes a connection out; it goes back when all its answers have come, and is cut when they are overdue. */
  #retire(line: Line, abandoned?: AquiferError): void {
    if (!this.#lines.delete(line)) return
    const { lease } = line
    if (abandoned !== undefined) lease.abandon(abandoned)
    const watch = this.#watch(lease.backend)
    void lease.backend.quiet().then(() => {
      watch.cancel()
      lease.backend.shared = false
      lease.release()
    })
  }

  /** The server ends a statement at its limit: if no answer comes for longer, there is nobody. */
  #watch(backend: Backend): Timer {
    const limitMs = this.#pool.settings.statementTimeoutMs + SETTLE_LIMIT_MS
    let heardAt = backend.answeredAt
    return every(limitMs, () => {
      if (backend.answeredAt === heardAt) backend.giveUp(`no answer came within ${limitMs} ms`)
      heardAt = backend.answeredAt
    })
  }
}

/** Waits for a connection that others wait for as well, and no longer than this caller does. */
async function whileWanted(opening: Promise<Line>, options: StatementOptions): Promise<Line> {
  const { deadline, signal } = options
  const refusal = tooLateToSend(options)
  if (refusal !== undefined) throw refusal
  const gaveUp = Promise.withResolvers<never>()
  const giveUp = () => gaveUp.reject(tooLateToSend(options))
  const timer = deadline && after(deadline.remainingMs, () => gaveUp.reject(deadlinePassed()))
  signal?.addEventListener('abort', giveUp, { once: true })
  try {
    return await Promise.race([opening, gaveUp.promise])
  } finally {
    timer?.cancel()
    signal?.removeEventListener('abort', giveUp)
  }
}
