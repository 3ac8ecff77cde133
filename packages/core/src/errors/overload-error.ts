import { AquiferError } from './aquifer-error.ts'

/** How full a pool was when it turned a caller away. */
export interface PoolLoad {
  readonly limit: number
  readonly inUse: number
  readonly waiting: number
}

/** No connection became free in time (`POOL_ACQUIRE_TIMEOUT`). Nothing was sent to the server. */
export class AcquireTimeoutError extends AquiferError {
  override readonly name = 'AcquireTimeoutError'
  /** How full the pool was when the wait ended. */
  readonly pool: PoolLoad

  constructor(waitedMs: number, pool: PoolLoad, cause?: unknown) {
    super(
      'POOL_ACQUIRE_TIMEOUT',
      'overload',
      `no connection within ${waitedMs} ms: ${pool.inUse} of ${pool.limit} in use, ${pool.waiting} waiting. ` +
        "Hold connections for a shorter time or raise the profile's size.",
      { retryable: true, cause },
    )
    this.pool = pool
  }
}

/** The pool is closed or being closed (`POOL_CLOSED`); it takes no new work. */
export class PoolClosedError extends AquiferError {
  override readonly name = 'PoolClosedError'

  constructor() {
    super(
      'POOL_CLOSED',
      'usage',
      'the engine is closed: open a new one, or stop the callers before close()',
    )
  }
}
