import type { AquiferError } from '../errors/aquifer-error.ts'
import { fromDriver } from '../errors/from-driver.ts'
import type { Pool } from '../pool/pool.ts'
import type { PoolStats } from '../pool/stats.ts'
import { monotonicMs } from '../time/clock.ts'
import { Deadline } from '../time/deadline.ts'

/** The answer to "can this engine be used now?". */
export interface EngineHealth {
  readonly ok: boolean
  /** Time until a connection was lent and had answered. */
  readonly latencyMs: number
  /** As `18.4`; absent if the server did not answer. */
  readonly serverVersion?: string
  readonly pool: PoolStats
  readonly error?: AquiferError
}

const LIMIT_MS = 2_000

/**
 * Takes a lease and asks the server for its version.
 *
 * @param assertMayLend throws where a connection must not be taken
 */
export async function healthOf(pool: Pool, assertMayLend: () => void): Promise<EngineHealth> {
  const startedAt = monotonicMs()
  const deadline = Deadline.after(LIMIT_MS)
  try {
    assertMayLend()
    await using lease = await pool.acquire({ deadline })
    const { rows } = await lease.query<{ server_version: string }>('show server_version', [], {
      deadline,
    })
    const serverVersion = rows[0]?.server_version.split(' ')[0] ?? ''
    return { ok: true, latencyMs: monotonicMs() - startedAt, serverVersion, pool: pool.stats() }
  } catch (error) {
    return {
      ok: false,
      latencyMs: monotonicMs() - startedAt,
      pool: pool.stats(),
      error: fromDriver(error),
    }
  }
}
