import type { PoolSettings } from './settings.ts'

/** The optional settings of a pool with their defaults filled in. */
export interface PoolLimits {
  readonly order: 'lifo' | 'fifo'
  readonly minimum: number
  readonly idleTimeoutMs: number
  readonly maxUses: number
  readonly prePing: 'auto' | 'always' | 'never'
  readonly reset: 'auto' | 'always'
  readonly leakAfterMs: number
  readonly reclaimAfterMs: number
  /** How often the pool looks for what is due with time. */
  readonly sweepEveryMs: number
}

const DEFAULT_IDLE_TIMEOUT_MS = 10 * 60_000
const DEFAULT_LEAK_MS = 5_000
const LONGEST_SWEEP_MS = 1_000
const SHORTEST_SWEEP_MS = 10

/** What holds for a pool with these settings. */
export function limitsOf(settings: PoolSettings): PoolLimits {
  const {
    order = 'lifo',
    minimum = 0,
    idleTimeoutMs = DEFAULT_IDLE_TIMEOUT_MS,
    maxUses = Number.POSITIVE_INFINITY,
    prePing = 'auto',
    reset = 'auto',
    leakAfterMs = DEFAULT_LEAK_MS,
    reclaimAfterMs = Number.POSITIVE_INFINITY,
  } = settings
  // Often enough that nothing is late by more than half its limit.
  const shortest = Math.min(idleTimeoutMs, leakAfterMs, reclaimAfterMs, settings.maxLifetimeMs)
  const sweepEveryMs = Math.max(SHORTEST_SWEEP_MS, Math.min(LONGEST_SWEEP_MS, shortest / 2))
  return {
    order,
    minimum,
    idleTimeoutMs,
    maxUses,
    prePing,
    reset,
    leakAfterMs,
    reclaimAfterMs,
    sweepEveryMs,
  }
}
