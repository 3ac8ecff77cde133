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

/**
 * Whether a lease that has lost its connection may go on with another one: it listens, and nothing but that is lost. In a transaction it may
 * not, or the rest of the transaction would run outside of any.
 */
export function isRevivable(lease: Lease, { reviving }: Roster): boolean {
  return lease.listens.length > 0 && lease.transactionStatus === 'I' && !reviving.has(lease)
}

/** Gives a lease that listens another connection with the same LISTENs; tries until it succeeds or nobody wants it any more. */
export async function revive(lease: Lease, pool: Revival): Promise<void> {
  const { roster } = pool
  roster.reviving.add(lease)
  roster.leases.delete(lease.backend)
  pool.discard(lease.backend)
  const revived = await tryToRevive(lease, pool)
  roster.reviving.delete(lease)
  if (!revived) roster.dedicated.delete(lease)
}

async function tryToRevive(lease: Lease, { roster, ...pool }: Revival): Promise<boolean> {
  for (let attempt = 1; pool.isWanted(); attempt += 1) {
    const backend = await pool.open().catch(() => undefined)
    if (backend !== undefined) {
      roster.leases.set(backend, lease)
      if (pool.isWanted() && (await listensAgain(lease, backend)) && backend.lost === undefined) {
        lease.moveTo(backend)
        return true
      }
      roster.leases.delete(backend)
      pool.discard(backend)
    }
    if (pool.isWanted()) await pause(backoffMs(attempt, WAIT))
  }
  return false
}

async function listensAgain(lease: Lease, backend: Backend): Promise<boolean> {
  try {
    for (const text of lease.listens) await backend.run({ text })
    return !lease.ended
  } catch {
    return false
  }
}
