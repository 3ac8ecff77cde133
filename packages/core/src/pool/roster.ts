import type { CallSite } from '../time/call-site.ts'
import { monotonicMs } from '../time/clock.ts'
import type { Backend } from './backend.ts'
import { IdleList } from './idle-list.ts'
import type { Lease } from './lease.ts'

/** The lease that is held longest. */
export interface LongestHeld {
  readonly heldMs: number
  readonly takenAt: CallSite | undefined
}

/**
 * Which connection is in which state. Each is in exactly one: idle, checking (pinged or reset before a loan), leased, doubtful (a
 * statement was given up and is being cancelled) or closing; those that are being opened are only counted.
 */
export class Roster {
  readonly idle: IdleList<Backend>
  readonly leases: Map<Backend, Lease> = new Map()
  /** Leases whose holders are meant to stay. */
  readonly dedicated: Set<Lease> = new Set()
  /** Leases that are being given another connection. */
  readonly reviving: Set<Lease> = new Set()
  readonly checking: Set<Backend> = new Set()
  readonly doubtful: Set<Backend> = new Set()
  readonly closing: Set<Backend> = new Set()
  connecting = 0

  constructor(order: 'lifo' | 'fifo', allowExitOnIdle = false) {
    const hold = (backend: Backend, isIdle: boolean) => backend.socket[isIdle ? 'unref' : 'ref']()
    this.idle = new IdleList(order, allowExitOnIdle ? hold : undefined)
  }

  /** Connections that are open, and those being opened. */
  get total(): number {
    return this.alive + this.connecting
  }

  /** Connections that are open and of use. */
  get alive(): number {
    return this.idle.length + this.leases.size + this.checking.size + this.doubtful.size
  }

  /** Connections that the server may still count. */
  get occupied(): number {
    return this.total + this.closing.size
  }

  /** Leases that are expected back. */
  borrowed(): Lease[] {
    return [...this.leases.values()].filter((lease) => !this.dedicated.has(lease))
  }

  longestHeld(): LongestHeld {
    let oldest: Lease | undefined
    for (const lease of this.borrowed()) {
      if (oldest === undefined || lease.since < oldest.since) oldest = lease
    }
    const heldMs = oldest === undefined ? 0 : monotonicMs() - oldest.since
    return { heldMs, takenAt: oldest?.takenAt }
  }
}
