import { type AquiferError, isAquiferError } from '../errors/aquifer-error.ts'
import type { InnerAcquireOptions } from './acquire-options.ts'
import type { Answers } from './answer.ts'
import type { FlightPart } from './flight-writer.ts'
import type { Lease } from './lease.ts'
import type { Pool } from './pool.ts'

/** A lease with the outcome of the first flight on it. */
export interface FirstFlight {
  readonly lease: Lease
  readonly answers: Answers | undefined
  readonly error: AquiferError | undefined
}

/** More than one connection can be stale at once, but a pool retires the others when the first one shows. */
const MOST_STALE = 3

/**
 * Takes a lease and sends a first flight on it. A safe flight is its own ping: if the connection turns out to have been
 * dead before anything was answered, it runs again on another one, and the caller notices nothing.
 *
 * @throws whatever `pool.acquire` throws; a failure of the flight is in the result, since a transaction may be open
 */
export async function firstFlight(
  pool: Pool,
  parts: readonly FlightPart[],
  options: InnerAcquireOptions,
): Promise<FirstFlight> {
  const safe = isSafe(pool, parts)
  for (let stale = 0; ; stale += 1) {
    const lease = await pool.acquire({ ...options, provesItself: safe })
    try {
      const early = safe && !lease.lively
      const answers = await lease.fly(parts, { ...options, early })
      return { lease, answers, error: undefined }
    } catch (error) {
      if (!isAquiferError(error)) throw error
      const again = safe && lease.backend.stale && lease.backend.uses > 1 && stale < MOST_STALE
      if (!again) return { lease, answers: undefined, error }
      lease.release()
    }
  }
}

/** Running it twice does no harm: it reads, or it begins a transaction that nobody has committed. */
function isSafe(pool: Pool, [first, ...others]: readonly FlightPart[]): boolean {
  if (first === undefined || !('text' in first)) return false
  const { control } = first.facts ?? pool.facts.of(first.text)
  return control === 'begin' || (others.length === 0 && first.safeRead === true)
}
