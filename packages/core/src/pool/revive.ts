import { backoffMs } from '../time/backoff.ts'
import { pause } from '../time/clock.ts'
import type { Backend } from './backend.ts'
import type { Lease } from './lease.ts'
import type { Roster } from './roster.ts'

const WAIT = { baseMs: 50, capMs: 1_000 }

/** What the pool does for a lease that has lost its connection. */
export interface Revival {
  readonly roster: Roster
  /** Whether the holder still wants it and the pool still gives it. */
  isWanted(): boolean
  open(): Promise<Backend>
  discard(backend: Backend): void
}

/** Gives a lease that listens another connection with the same LISTENs; tries until it succeeds or nobody wants it any more. */
export async function revive(lease: Lease, { roster, ...pool }: Revival): Promise<void> {
  roster.leases.delete(lease.backend)
  pool.discard(lease.backend)
  for (let attempt = 1; pool.isWanted(); attempt += 1) {
    const backend = await pool.open().catch(() => undefined)
    if (backend !== undefined) {
      roster.leases.set(backend, lease)
      if (pool.isWanted() && (await listensAgain(lease, backend))) return lease.moveTo(backend)
      roster.leases.delete(backend)
      pool.discard(backend)
    }
    if (pool.isWanted()) await pause(backoffMs(attempt, WAIT))
  }
  roster.dedicated.delete(lease)
}

async function listensAgain(lease: Lease, backend: Backend): Promise<boolean> {
  try {
    for (const text of lease.listens) await backend.run({ text })
    return !lease.ended
  } catch {
    return false
  }
}
