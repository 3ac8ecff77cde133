import type { InnerAcquireOptions } from './acquire-options.ts'
import type { FlightPart } from './flight-writer.ts'
import type { Flown } from './flown.ts'
import type { Lease } from './lease.ts'
import type { Pool } from './pool.ts'
import type { Statement } from './statement.ts'

/** A lease with the outcome of the first flight on it. */
export interface FirstFlight {
  readonly lease: Lease
  /** What became of it; a failure is no reason to throw, since a transaction may be open. */
  readonly flown: Flown
}

/** More than one connection can be stale at once, but a pool retires the others when the first one shows. */
const MOST_STALE = 3

/**
 * Takes a lease and sends a first flight on it. A safe flight is its own ping: if the connection turns out to have been
 * dead before anything was answered, it runs again on another one, and the caller notices nothing. So does any flight that the server
 * had not begun with when it took its leave.
 *
 * @throws whatever `pool.acquire` throws, and what cannot be sent
 */
export async function firstFlight(
  pool: Pool,
  parts: readonly FlightPart[],
  options: InnerAcquireOptions,
): Promise<FirstFlight> {
  const safe = isSafe(pool, parts)
  const { deadline, signal, dedicated, takenAt, onLease, onWait } = options
  const asked = { deadline, signal, dedicated, takenAt, onWait, provesItself: safe }
  for (let stale = 0; ; stale += 1) {
    const lease = pool.acquireNow(asked) ?? (await pool.acquire(asked))
    const { backend, lively } = lease
    try {
      onLease?.(lease)
      const flown = await lease.flyThrough(parts, { deadline, signal, early: safe && !lively })
      const wasNotRun = backend.untouched || (safe && backend.stale)
      const again = wasNotRun && backend.uses > 1 && stale < MOST_STALE
      if (flown.failure === undefined || !again) return { lease, flown }
      lease.release()
    } catch (error) {
      lease.release()
      // Nothing was sent, so that it may be sent on another connection if that was the reason.
      if (backend.lost === undefined || backend.uses === 1 || stale >= MOST_STALE) throw error
    }
  }
}

/** Running it twice does no harm: it reads, or it begins a transaction that nobody has committed. */
function isSafe(pool: Pool, [first, ...others]: readonly FlightPart[]): boolean {
  if (first === undefined || !('text' in first)) return false
  const { control, several } = first.facts ?? pool.facts.of(first.text)
  // A text that begins a transaction may also commit it.
  if (several || others.some((part) => 'text' in part && isSeveral(pool, part))) return false
  return control === 'begin' || (others.length === 0 && first.safeRead === true)
}

function isSeveral(pool: Pool, { text, facts }: Statement): boolean {
  return (facts ?? pool.facts.of(text)).several
}
