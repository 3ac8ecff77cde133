import { monotonicMs } from '../time/clock.ts'
import type { Events, PoolEvents } from './events.ts'
import type { Lease } from './lease.ts'

/** When a lease counts as forgotten. */
export interface LeakLimits {
  readonly leakAfterMs: number
  readonly reclaimAfterMs: number
}

/** What a look at the leases has found. */
export interface Findings {
  /** Held for too long; each lease once. */
  readonly leaked: readonly Lease[]
  /** To be taken away. */
  readonly overdue: readonly Lease[]
}

const ALWAYS_NOTED = 1_000
const NOTED_ONE_IN = 16
const SUSPICIOUS_FOR_MS = 10 * 60_000

/**
 * Finds leases that their holders seem to have forgotten.
 *
 * To note where a lease was taken costs as much as the rest of a checkout. So it is done for the first thousand leases of a pool, then
 * for one in sixteen, and for every one while there is a suspicion: a leak, or a caller who waited in vain.
 */
export class LeakWatch {
  readonly #limits: LeakLimits
  readonly #reported = new WeakSet<Lease>()
  #taken = 0
  #suspiciousUntil = Number.NEGATIVE_INFINITY

  constructor(limits: LeakLimits) {
    this.#limits = limits
  }

  /** Whether the place that takes the next lease is to be noted. */
  notesPlaces(): boolean {
    this.#taken += 1
    return (
      this.#taken <= ALWAYS_NOTED ||
      this.#taken % NOTED_ONE_IN === 0 ||
      monotonicMs() < this.#suspiciousUntil
    )
  }

  /** Something is wrong with how long leases are held. */
  suspect(): void {
    this.#suspiciousUntil = monotonicMs() + SUSPICIOUS_FOR_MS
  }

  inspect(leases: Iterable<Lease>): Findings {
    const leaked: Lease[] = []
    const overdue: Lease[] = []
    const now = monotonicMs()
    for (const lease of leases) {
      const heldMs = now - lease.since
      if (heldMs > this.#limits.leakAfterMs && !this.#reported.has(lease)) {
        this.#reported.add(lease)
        leaked.push(lease)
      }
      if (heldMs > this.#limits.reclaimAfterMs) overdue.push(lease)
    }
    if (leaked.length > 0) this.suspect()
    return { leaked, overdue }
  }
}

/** Tells of a leak; as a warning of the process if nobody listens, since else only the caller who waits in vain would find it. */
export function reportLeak(
  { backendPid, takenAt, since }: Lease,
  events: Events<PoolEvents>,
): void {
  const heldMs = monotonicMs() - since
  const leak = { backendPid, heldMs, takenAt: takenAt.toString() }
  if (events.has('leak')) events.emit('leak', leak)
  else
    process.emitWarning(
      `a connection has been held for ${Math.round(heldMs)} ms, taken ${leak.takenAt}. Release it, or acquire({ dedicated: true })`,
      'AquiferWarning',
    )
}
