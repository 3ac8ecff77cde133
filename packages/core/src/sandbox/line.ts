import type { Lease } from '../pool/lease.ts'
import { after, type Timer } from '../time/clock.ts'
import { type Frame, type Frames, isInside } from './frames.ts'
import { busy, type SandboxError, sandboxLost } from './sandbox-error.ts'

/** A unit that is open on the line: its savepoint, and the call that it belongs to. */
export interface OpenUnit {
  readonly savepoint: string
  readonly frame: Frame | undefined
}

/** Who asks for a turn. */
export interface Asker {
  readonly unit: OpenUnit | undefined
}

interface Waiter {
  readonly asker: Asker
  readonly frame: Frame | undefined
  /** It cleans up, and waits for as long as it takes. */
  readonly patient: boolean
  resolve(): void
  reject(error: unknown): void
}

/**
 * The one connection of a sandbox, used in turns. Units that are open on it are a stack, as their savepoints are: the innermost one runs; what was
 * called inside of it may open the next; everybody else waits, first come, first served.
 */
export class Line {
  readonly lease: Lease
  readonly #frames: Frames
  readonly #limitMs: number
  readonly #units: OpenUnit[] = []
  #waiting: Waiter[] = []
  #running: Asker | undefined
  #limit: Timer | undefined
  #lost: SandboxError | undefined

  /** @param limitMs how long nothing may happen while somebody waits */
  constructor(lease: Lease, frames: Frames, limitMs: number) {
    this.lease = lease
    this.#frames = frames
    this.#limitMs = limitMs
    lease.onLost((error) => this.#lose(error))
  }

  /** Why nothing more can be run on it. */
  get lost(): SandboxError | undefined {
    return this.#lost
  }

  /** How many units are open. */
  get depth(): number {
    return this.#units.length
  }

  /** Whose turn it is. */
  get running(): Asker | undefined {
    return this.#running
  }

  /** The innermost unit. */
  get innermost(): OpenUnit | undefined {
    return this.#units.at(-1)
  }

  /** The savepoint of a unit that is opened now; unlike that of every open one. */
  get nextSavepoint(): string {
    return `aquifer_sandbox_${this.#units.length + 1}`
  }

  /** Puts a unit on the stack; only in a turn. */
  open(): OpenUnit {
    const unit = { savepoint: this.nextSavepoint, frame: this.#frames.current }
    this.#units.push(unit)
    return unit
  }

  /** Takes the innermost unit off the stack; only in a turn. */
  close(unit: OpenUnit): void {
    if (this.innermost === unit) this.#units.pop()
  }

  /**
   * Runs `run` while nobody else is on the line.
   *
   * @throws {SandboxError} `SANDBOX_BUSY` if that turn cannot come; `SANDBOX_LOST`
   */
  async turn<T>(asker: Asker, run: () => Promise<T>, patient = false): Promise<T> {
    if (this.#lost !== undefined) throw this.#lost
    await this.#wait(asker, patient)
    try {
      const result = await run()
      if (this.lease.transactionStatus === 'I') this.#lose(undefined)
      return result
    } finally {
      this.#running = undefined
      this.#serve()
    }
  }

  /** Turns away whoever waits for `asker`. */
  leave(asker: Asker, error: unknown): void {
    this.#rejectThose((waiter) => waiter.asker === asker && !waiter.patient, error)
  }

  #wait(asker: Asker, patient: boolean): Promise<void> | undefined {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const waiter = { asker, frame: this.#frames.current, patient, resolve, reject }
    if (this.#running === undefined && this.#mayGo(waiter)) {
      this.#go(waiter)
      return undefined
    }
    if (this.#isInVain(waiter)) throw busy('an outer unit was used inside of one on top of it')
    this.#waiting.push(waiter)
    this.#watch()
    return promise
  }

  /** Of those who may, the one who has waited longest. */
  #serve(): void {
    const at = this.#waiting.findIndex((waiter) => this.#mayGo(waiter))
    const [next] = at < 0 ? [] : this.#waiting.splice(at, 1)
    if (next !== undefined) {
      this.#go(next)
      next.resolve()
    }
    this.#watch()
  }

  #go({ asker }: Waiter): void {
    this.#running = asker
    this.#limit?.cancel()
    this.#limit = undefined
  }

  #mayGo({ asker, frame }: Waiter): boolean {
    const { innermost } = this
    if (this.#isOpen(asker.unit)) return asker.unit === innermost
    return innermost === undefined || isInside(frame, innermost.frame)
  }

  /** Whether whoever is to be waited for waits for this one. */
  #isInVain({ asker, frame, patient }: Waiter): boolean {
    const { innermost } = this
    if (patient || innermost === undefined || !this.#isOpen(asker.unit)) return false
    return (
      asker.unit !== innermost &&
      innermost.frame !== asker.unit?.frame &&
      isInside(frame, innermost.frame)
    )
  }

  #isOpen(unit: OpenUnit | undefined): boolean {
    return unit !== undefined && this.#units.includes(unit)
  }

  /** While nothing runs, nobody but the innermost unit can bring those who wait any further. */
  #watch(): void {
    if (this.#running !== undefined || this.#waiting.length === 0) return
    this.#limit ??= after(this.#limitMs, () => {
      this.#limit = undefined
      const why = `a statement waited for a unit that is open and has done nothing for ${this.#limitMs} ms`
      this.#rejectThose(({ patient }) => !patient, busy(why))
    })
  }

  #lose(cause: unknown): void {
    this.#lost ??= sandboxLost(cause)
    this.#rejectThose(() => true, this.#lost)
  }

  #rejectThose(isMeant: (waiter: Waiter) => boolean, error: unknown): void {
    const meant = this.#waiting.filter(isMeant)
    this.#waiting = this.#waiting.filter((waiter) => !meant.includes(waiter))
    for (const waiter of meant) waiter.reject(error)
  }
}
