/** What a pool holds and has done. Gauges are of this moment; counters start at 0 with the pool. */
export interface PoolStats {
  /** Connections that are kept when idle. */
  readonly size: number
  /** Connections above `size` that may be opened under load; closed on return. */
  readonly overflow: number
  /** `size + overflow`. */
  readonly limit: number
  /** Open connections and those being opened. */
  readonly total: number
  readonly idle: number
  readonly inUse: number
  readonly connecting: number
  /** Callers that wait for a lease. */
  readonly waiting: number
  readonly opened: number
  readonly closed: number
  readonly acquired: number
  readonly timedOut: number
}

/** The counters behind `PoolStats`. */
export class PoolCounters {
  opened = 0
  closed = 0
  acquired = 0
  timedOut = 0
}
