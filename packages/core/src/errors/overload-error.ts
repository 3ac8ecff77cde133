import { AquiferError, type Outcome } from './aquifer-error.ts'

/** How full a pool was when it turned a caller away. */
export interface PoolLoad {
  readonly limit: number
  readonly inUse: number
  readonly waiting: number
  /** Age of the oldest lease, in milliseconds; 0 if there is none. */
  readonly longestHeldMs: number
  /** The place in the caller's code that took it; undefined if the pool has noted none. */
  readonly longestHolder: string | undefined
  /** The last failure to open a connection, if the pool is short of them for that reason. */
  readonly connectError?: Error | undefined
}

/** No connection became free in time (`POOL_ACQUIRE_TIMEOUT`). Nothing was sent to the server. */
export class AcquireTimeoutError extends AquiferError {
  override readonly name = 'AcquireTimeoutError'
  /** How full the pool was when the wait ended. */
  readonly pool: PoolLoad

  constructor(waitedMs: number, pool: PoolLoad) {
    super('POOL_ACQUIRE_TIMEOUT', 'overload', messageOf(waitedMs, pool), {
      retryable: true,
      ...(pool.connectError && { cause: pool.connectError }),
    })
    this.pool = pool
  }
}

function messageOf(waitedMs: number, pool: PoolLoad): string {
  const { limit, inUse, waiting, longestHeldMs, longestHolder, connectError } = pool
  const held = longestHolder === undefined ? '' : `, ${longestHolder}`
  const longest = inUse > 0 ? `; longest held ${Math.round(longestHeldMs)} ms${held}` : ''
  const advice =
    connectError === undefined
      ? "Hold connections for a shorter time or raise the profile's size."
      : `No further one could be opened: ${connectError.message}`
  return `no connection within ${waitedMs} ms: ${inUse} of ${limit} in use, ${waiting} waiting${longest}. ${advice}`
}

/** The pool is closed or being closed (`POOL_CLOSED`); it takes no new work. */
export class PoolClosedError extends AquiferError {
  override readonly name = 'PoolClosedError'

  /** @param outcome of what ran when the connection was cut; nothing was sent for those who waited */
  constructor(outcome: Outcome = 'rolledBack') {
    super(
      'POOL_CLOSED',
      'usage',
      'the engine is closed: open a new one, or stop the callers before close()',
      { outcome },
    )
  }
}
