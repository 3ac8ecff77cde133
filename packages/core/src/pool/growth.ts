import { backoffMs } from '../time/backoff.ts'
import { afterAwake, type Timer } from '../time/clock.ts'

const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 500
/** `too many connections` and `cannot connect now`: the server is there and says that it will pass. */
const WILL_PASS = new Set(['53300', '57P03'])

/** When a pool may open connections, after it has failed to: not at once again, and not at the pace of its callers. */
export class Growth {
  /** The failure of the last attempt; undefined after a success. */
  lastError: Error | undefined
  readonly #onResume: () => void
  #failures = 0
  #pause: Timer | undefined

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

  succeeded(): void {
    this.#failures = 0
    this.lastError = undefined
  }

  /**
   * @returns whether callers should go on waiting: the server is full while connections of ours live, or it is starting.
   *   Any other failure is one caller's error.
   */
  failed(error: Error, alive: number): boolean {
    this.lastError = error
    const sqlState = 'sqlState' in error ? String(error.sqlState) : ''
    if (!WILL_PASS.has(sqlState) || (sqlState === '53300' && alive === 0)) return false
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
    this.#pause?.cancel()
  }
}
