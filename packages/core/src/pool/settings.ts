import type { ConnectionOptions } from 'node:tls'
import type { ConnectHook } from './connected.ts'

/** What a pool is told: where to connect, as whom, how many connections, and every limit. */
export interface PoolSettings {
  /** `postgres://user:password@host:port/database`; `?host=/folder` for a Unix socket. */
  readonly url: string
  /** Asked for each new connection, so that a token or a rotated password needs no restart. @default the URL's */
  readonly password?: (() => string | Promise<string>) | undefined
  /**
   * `verify-full` encrypts and checks the server's certificate and name, `off` does not encrypt; an object is
   * what `tls.connect` takes. @default what the URL's `sslmode` says, else `off` on loopback and Unix sockets and `verify-full` elsewhere
   */
  readonly tls?: 'verify-full' | 'off' | ConnectionOptions | undefined
  /** Shown in pg_stat_activity; at most 63 bytes. @default the environment's PGAPPNAME */
  readonly applicationName?: string | undefined
  /** The role that each connection takes on (SET ROLE). @default the one that logs in */
  readonly role?: string | undefined
  /** Schemas of the connections' search_path. @default the server's own setting */
  readonly searchPath?: readonly string[] | undefined
  /**
   * `transaction`: a pooler such as PgBouncer stands between and hands every transaction to another server connection. Limits
   * travel with each transaction instead of the login, nothing is prepared, and state of a connection is refused, role and searchPath included.
   */
  readonly pooler?: 'transaction' | undefined
  /** Awaited once for each new connection, before it is lent, and again after each `reset: 'always'`; a failure closes it. */
  readonly onConnect?: ConnectHook | undefined

  /** Connections kept open when idle. 0 keeps none: each is closed on return. */
  readonly size: number
  /** Connections above `size` under load; closed on return. */
  readonly overflow: number
  /** Connections that are opened before anybody asks, from the first use on, and kept through idle times. @default 0 */
  readonly minimum?: number | undefined
  /** Which idle connection is lent first: the one that came back last keeps the others free to expire. @default 'lifo' */
  readonly order?: 'lifo' | 'fifo' | undefined

  readonly connectTimeoutMs: number
  /** How long a caller waits for a lease. */
  readonly acquireTimeoutMs: number
  /** The server's statement_timeout. Of this and the next two, Infinity leaves the server's own setting alone. */
  readonly statementTimeoutMs: number
  /** The server's lock_timeout. */
  readonly lockTimeoutMs: number
  /** The server's idle_in_transaction_session_timeout. */
  readonly idleInTransactionTimeoutMs: number
  /** A connection older than this is closed instead of lent; +-10 %, so that they do not expire together. */
  readonly maxLifetimeMs: number
  /** A connection above `minimum` that nobody needed for this long is closed. @default 10 minutes */
  readonly idleTimeoutMs?: number | undefined
  /** How often a connection is lent before it is replaced. @default no limit */
  readonly maxUses?: number | undefined
  /** After this much idle time a connection has to show that it lives; see `prePing`. */
  readonly livenessAfterMs: number
  /**
   * How a connection shows that it lives. `auto` costs no round trip: BEGIN and reads ask on the way and run again on
   * another connection if this one was dead; other statements are preceded by a ping. `always` pings before each loan, `never` trusts.
   * @default 'auto'
   */
  readonly prePing?: 'auto' | 'always' | 'never' | undefined
  /** Delay of the first TCP keepalive probe. */
  readonly keepAliveMs: number
  /** Whether a process may end while this pool holds nothing but idle connections. @default false */
  readonly allowExitOnIdle?: boolean | undefined
  /** How long close() waits for leases to come back. */
  readonly drainTimeoutMs: number
  /** A lease held for longer is reported as a leak, with the place that took it. @default 5 seconds */
  readonly leakAfterMs?: number | undefined
  /** A lease held for longer is taken away and its connection closed. @default no limit */
  readonly reclaimAfterMs?: number | undefined

  /** Statements that each connection keeps prepared; one is prepared when it is sent again. 0 prepares none. @default 256 */
  readonly preparedStatements?: number | undefined
  /** `always` sends DISCARD ALL before a connection is lent again: for functions that set session state in their body. @default 'auto' */
  readonly reset?: 'auto' | 'always' | undefined
  /** Sends autocommit statements of many callers over a few shared connections, without waiting for each answer. @default off */
  readonly multiplex?: { readonly connections: number } | undefined
}
