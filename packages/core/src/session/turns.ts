import type { AquiferError } from '../errors/aquifer-error.ts'
import { CancelledError, TimeoutError } from '../errors/timeout-error.ts'
import type { Answers } from '../pool/answer.ts'
import type { FlightPart } from '../pool/flight-writer.ts'
import { leadToCaller } from '../time/call-site.ts'
import { after } from '../time/clock.ts'
import type { Deadline } from '../time/deadline.ts'

/** Statements that were issued together, and who waits for their answers. */
export interface Turn {
  readonly parts: readonly FlightPart[]
  readonly signal: AbortSignal | undefined
  /** A deadline that is its own. */
  readonly deadline?: Deadline | undefined
  /** It may share a flight with its neighbours. */
  readonly joins: boolean
  resolve(answers: Answers): void
  reject(error: unknown): void
}

/** What one turn is about. */
export type TurnRequest = Pick<Turn, 'parts' | 'signal' | 'deadline' | 'joins'>

/** More in one flight would only make the first answers wait for the last. */
const MOST_TOGETHER = 64

/**
 * The statements of one unit take turns, in the order they were issued. Those that wait at the same time travel together: the server
 * still runs them one by one and none behind a failure, but they cost one round trip.
 */
export class Turns {
  readonly #send: (turns: readonly Turn[]) => Promise<void>
  readonly #waiting: Turn[] = []
  #isSending = false
  #idle: PromiseWithResolvers<void> | undefined
  #pending = 0

  /** @param send sends some turns and settles each of them; never rejects */
  constructor(send: (turns: readonly Turn[]) => Promise<void>) {
    this.#send = send
  }

  /** Statements that were issued and have not been answered. */
  get pending(): number {
    return this.#pending
  }

  /** Whether nothing is under way or waits. */
  get isIdle(): boolean {
    return !this.#isSending
  }

  /** Resolves when nothing is under way or waits. */
  idle(): Promise<void> {
    if (!this.#isSending) return Promise.resolve()
    this.#idle ??= Promise.withResolvers()
    return this.#idle.promise
  }

  /** Runs what nobody stands before and nobody joins, without the detour of a turn; those that come meanwhile wait for it. */
  async pass(run: () => Promise<Answers>): Promise<Answers> {
    this.#pending += 1
    this.#isSending = true
    try {
      return await run()
    } finally {
      this.#pending -= 1
      if (this.#waiting.length > 0) void this.#sendAll()
      else this.#rest()
    }
  }

  /** Puts statements at the end. */
  async take(request: TurnRequest): Promise<Answers> {
    const { promise, resolve, reject } = Promise.withResolvers<Answers>()
    const turn = { ...request, resolve, reject }
    const { signal, deadline } = request
    const leave = () => this.#leave(turn, givenUp(signal?.reason))
    const limit = deadline && after(deadline.remainingMs, () => this.#leave(turn, tooLate()))
    signal?.addEventListener('abort', leave, { once: true })
    this.#waiting.push(turn)
    this.#pending += 1
    if (!this.#isSending) {
      this.#isSending = true
      // Begun a moment later, so that statements issued in one breath are there together.
      queueMicrotask(() => void this.#sendAll())
    }
    try {
      return await promise
    } catch (error) {
      leadToCaller(error)
      throw error
    } finally {
      limit?.cancel()
      signal?.removeEventListener('abort', leave)
      this.#pending -= 1
    }
  }

  /** Frees a caller who gives up, or whose time is over, before its turn has come; nothing was sent, so that nothing is lost for the unit. */
  #leave(turn: Turn, error: AquiferError): void {
    const at = this.#waiting.indexOf(turn)
    if (at < 0) return
    this.#waiting.splice(at, 1)
    turn.reject(error)
  }

  async #sendAll(): Promise<void> {
    while (this.#waiting.length > 0) await this.#send(this.#next())
    this.#rest()
  }

  #rest(): void {
    this.#isSending = false
    this.#idle?.resolve()
    this.#idle = undefined
  }

  #next(): readonly Turn[] {
    const alone = this.#waiting.findIndex(({ joins }) => !joins)
    const together = alone < 0 ? this.#waiting.length : alone
    return this.#waiting.splice(0, Math.min(Math.max(together, 1), MOST_TOGETHER))
  }
}

function givenUp(cause: unknown): CancelledError {
  return new CancelledError('the caller gave up before the statement was sent', { cause })
}

function tooLate(): TimeoutError {
  return new TimeoutError(
    'DEADLINE_EXCEEDED',
    'the deadline passed before the statement was sent: those in front of it took too long',
  )
}
