import { AsyncLocalStorage } from 'node:async_hooks'
import type { GuardedUnit, TransactionGuard } from '../engine/guarded-unit.ts'
import type { Profile } from '../engine/profile.ts'
import type { Events, PoolEvents } from '../pool/events.ts'
import type { Lease } from '../pool/lease.ts'
import { every, monotonicMs, type Timer } from '../time/clock.ts'
import { NetworkGuard } from './network-guard.ts'

/** How closely the limit is kept: a quarter of it late at most, and within these. */
const SWEEPS_PER_LIMIT = 4
const SHORTEST_SWEEP_MS = 5
const LONGEST_SWEEP_MS = 1_000

/** What a guard needs of its engine. */
export interface GuardParts {
  readonly profile: Pick<Profile, 'longTransactionMs' | 'networkInTransaction'>
  readonly events: Events<PoolEvents>
  /** The unit that surrounds the caller, and still takes statements. */
  readonly current: () => GuardedUnit | undefined
}

/**
 * Looks after the transactions of one engine: it tells of those that are open for too long, and of calls over the network that they
 * wait for. Between transactions it does nothing.
 */
export class Guard implements TransactionGuard {
  readonly #limitMs: number
  readonly #events: Events<PoolEvents>
  readonly #network: NetworkGuard | undefined
  readonly #open = new Map<GuardedUnit, Lease>()
  readonly #reported = new WeakSet<GuardedUnit>()
  /** The sweep outlives the unit that began it: that one's async context must not be kept for it. */
  readonly #detached = AsyncLocalStorage.snapshot()
  #sweeping: Timer | undefined

  constructor({ profile, events, current }: GuardParts) {
    const { longTransactionMs = Number.POSITIVE_INFINITY, networkInTransaction: how } = profile
    this.#limitMs = longTransactionMs
    this.#events = events
    const surrounding = () => this.#begunAround(current())
    if (how === 'warn' || how === 'refuse')
      this.#network = new NetworkGuard({ refuses: how === 'refuse', events, surrounding })
  }

  begun(unit: GuardedUnit, lease: Lease): void {
    this.#open.set(unit, lease)
    this.#network?.watch()
    if (this.#limitMs === Number.POSITIVE_INFINITY || this.#sweeping !== undefined) return
    const periodMs = Math.max(this.#limitMs / SWEEPS_PER_LIMIT, SHORTEST_SWEEP_MS)
    this.#sweeping = this.#detached(() =>
      every(Math.min(periodMs, LONGEST_SWEEP_MS), () => this.#sweep()),
    )
  }

  ended(unit: GuardedUnit): void {
    if (this.#open.delete(unit) && this.#open.size === 0) this.#network?.rest()
  }

  /** Looks after nothing any more. */
  close(): void {
    this.#open.clear()
    this.#network?.rest()
    this.#stopSweeping()
  }

  #sweep(): void {
    if (this.#open.size === 0) this.#stopSweeping()
    if (!this.#events.has('longTransaction')) return
    const now = monotonicMs()
    for (const [unit, { since, backendPid, takenAt }] of this.#open) {
      const openMs = now - since
      if (openMs <= this.#limitMs || this.#reported.has(unit)) continue
      this.#reported.add(unit)
      const event = { openMs, takenAt: takenAt.toString(), backendPid }
      this.#events.emit('longTransaction', event)
    }
  }

  #stopSweeping(): void {
    this.#sweeping?.cancel()
    this.#sweeping = undefined
  }

  /** A unit of its own inside of a transaction lets that one wait too. */
  #begunAround(unit: GuardedUnit | undefined): GuardedUnit | undefined {
    for (let around = unit; around !== undefined; around = around.outer)
      if (this.#open.has(around)) return around
    return undefined
  }
}
