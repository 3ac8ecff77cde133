import { monotonicMs } from '../time/clock.ts'
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

/** Finds leases that their holders seem to have forgotten. */
export class LeakWatch {
  readonly #limits: LeakLimits
  readonly #reported = new WeakSet<Lease>()

  constructor(limits: LeakLimits) {
    this.#limits = limits
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
    return { leaked, overdue }
  }
}
