import { backoffMs } from '../time/backoff.ts'
import { afterAwake, monotonicMs, type Timer } from '../time/clock.ts'

const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 500
/** `too many connections` and `cannot connect now`: the server is there and says that it will pass. */
const WILL_PASS = new Set(['53300', '57P03'])

/** When a pool may open connections, after it has failed to: not at once again, and not at the pace of its callers. */
export class Growth {
  readonly #onResume: () => void
  #failures = 0
  #last: { readonly error: Error; readonly at: number } | undefined
  #pause: Timer | undefined
  #stopped = false

  constructor(onResume: () => void) {
    this.#onResume = onResume
  }

  get paused(): boolean {
    return this.#pause !== undefined
  }

  /** How many attempts may be under way at once: after a refusal one, so that a full server is not asked by all callers again. */
  get most(): number {
    return this.#failures > 0 ? 1 : Number.POSITIVE_INFINITY
  }

  /** The failure of the last attempt, if it is why somebody waits who came at `since`; an older one may have passed. */
  failureSince(since: number): Error | undefined {
    if (this.#last === undefined) return undefined
    return this.paused || this.#last.at >= since ? this.#last.error : undefined
  }

  succeeded(): void {
    this.#failures = 0
    this.#last = undefined
  }

  /** @returns whether callers should go on waiting: the server is full or starting. Any other failure is one caller's error. */
  failed(error: Error): boolean {
    this.#last = { error, at: monotonicMs() }
    const sqlState = 'sqlState' in error ? String(error.sqlState) : ''
    if (!WILL_PASS.has(sqlState) || this.#stopped) return false
    this.#failures += 1
    const baseMs = FIRST_PAUSE_MS
    const pauseMs = FIRST_PAUSE_MS + backoffMs(this.#failures, { baseMs, capMs: LONGEST_PAUSE_MS })
    this.#pause?.cancel()
    // Somebody may wait for it, and nothing else may keep the process alive meanwhile.
    this.#pause = afterAwake(pauseMs, () => {
      this.#pause = undefined
      this.#onResume()
    })
    return true
  }

  stop(): void {
    this.#stopped = true
    this.#pause?.cancel()
    this.#pause = undefined
  }
}
