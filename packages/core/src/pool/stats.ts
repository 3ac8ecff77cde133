import type { PoolLoad } from '../errors/overload-error.ts'
import type { Roster } from './roster.ts'
import type { PoolSettings } from './settings.ts'

/** Upper bounds of the buckets of the wait histogram, in milliseconds; the last bucket has none. */
const WAIT_BUCKETS_MS: readonly number[] = [
  1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000,
]

/** How long callers have waited for a lease, as a histogram. */
export interface WaitHistogram {
  /** Upper bounds of the buckets, in milliseconds. */
  readonly boundsMs: readonly number[]
  /** Callers per bucket, not cumulated; one more than there are bounds, for those above the last. */
  readonly counts: readonly number[]
  readonly sumMs: number
}

/** What a pool holds and has done. Gauges are of this moment; counters start at 0 with the pool. */
export interface PoolStats {
  /** Connections that are kept when idle. */
  readonly size: number
  /** Connections above `size` that may be opened under load; closed on return. */
  readonly overflow: number
  /** `size + overflow`: what `total + closing` never exceeds. */
  readonly limit: number
  /** Open connections and those being opened. */
  readonly total: number
  readonly idle: number
  readonly inUse: number
  readonly connecting: number
  /** Connections whose last statement was given up and is being cancelled. */
  readonly doubtful: number
  /** Connections that are no use any more and whose sockets have not closed yet. */
  readonly closing: number
  /** Callers that wait for a lease. */
  readonly waiting: number
  /** Age of the oldest lease, in milliseconds; 0 if there is none. */
  readonly longestHeldMs: number
  readonly opened: number
  readonly closed: number
  readonly acquired: number
  readonly timedOut: number
  readonly leaked: number
  readonly waits: WaitHistogram
}

/** The counters behind `PoolStats`. */
export class PoolCounters {
  opened = 0
  closed = 0
  acquired = 0
  timedOut = 0
  leaked = 0
  #waits = new Array<number>(WAIT_BUCKETS_MS.length + 1).fill(0)
  #waitedMs = 0

  /** Counts one caller that got its lease. */
  countWait(waitedMs: number): void {
    this.acquired += 1
    this.#waitedMs += waitedMs
    let bucket = 0
    while (bucket < WAIT_BUCKETS_MS.length && waitedMs > (WAIT_BUCKETS_MS[bucket] as number))
      bucket += 1
    this.#waits[bucket] = (this.#waits[bucket] as number) + 1
  }

  get waits(): WaitHistogram {
    return { boundsMs: WAIT_BUCKETS_MS, counts: [...this.#waits], sumMs: this.#waitedMs }
  }
}

/** A pool in numbers. */
export function statsOf(
  { size, overflow }: PoolSettings,
  roster: Roster,
  counters: PoolCounters,
  waiting: number,
): PoolStats {
  const { idle, leases, connecting, doubtful, closing, total } = roster
  const { opened, closed, acquired, timedOut, leaked, waits } = counters
  return {
    size,
    overflow,
    limit: size + overflow,
    total,
    idle: idle.length,
    inUse: leases.size,
    connecting,
    doubtful: doubtful.size,
    closing: closing.size,
    waiting,
    longestHeldMs: roster.longestHeld().heldMs,
    opened,
    closed,
    acquired,
    timedOut,
    leaked,
    waits,
  }
}

/** How full a pool is, for the one who is turned away. */
export function loadOf(
  { limit, inUse, waiting }: PoolStats,
  roster: Roster,
  connectError: Error | undefined,
): PoolLoad {
  const { heldMs: longestHeldMs, takenAt } = roster.longestHeld()
  const load = { limit, inUse, waiting, longestHeldMs, longestHolder: takenAt?.toString() }
  return connectError === undefined ? load : { ...load, connectError }
}
