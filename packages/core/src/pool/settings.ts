/** What a pool is told: where to connect, as whom, how many connections, and every limit. */
export interface PoolSettings {
  /** `postgres://user:password@host:port/database`. */
  readonly url: string
  /** Shown in pg_stat_activity; at most 63 bytes. */
  readonly applicationName: string
  /** Connections kept open when idle. */
  readonly size: number
  /** Connections above `size` under load; closed on return. */
  readonly overflow: number
  readonly connectTimeoutMs: number
  /** How long a caller waits for a lease. */
  readonly acquireTimeoutMs: number
  /** The server's statement_timeout. */
  readonly statementTimeoutMs: number
  /** The server's lock_timeout. */
  readonly lockTimeoutMs: number
  /** The server's idle_in_transaction_session_timeout. */
  readonly idleInTransactionTimeoutMs: number
  /** A connection older than this is closed instead of lent; +-10 %, so that they do not expire together. */
  readonly maxLifetimeMs: number
  /** A connection that was idle for longer is pinged before it is lent. */
  readonly livenessAfterMs: number
  /** Delay of the first TCP keepalive probe. */
  readonly keepAliveMs: number
  /** How long close() waits for leases to come back. */
  readonly drainTimeoutMs: number
  /** Schemas of the connections' search_path; the server's own setting if absent. */
  readonly searchPath?: readonly string[] | undefined
}
