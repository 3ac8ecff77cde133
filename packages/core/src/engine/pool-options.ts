import type { ConnectionOptions } from 'node:tls'
import type { PoolSettings } from '../pool/settings.ts'

/** What `createPool` takes under its own names: the settings of a pool, without those that only an engine can follow. */
export type OwnPoolOptions = Partial<Omit<PoolSettings, 'password' | 'multiplex'>>

/** What `createPool` takes under the names of node-postgres, so that code written for pg.Pool need not change. */
export interface NodePostgresOptions {
  /** As `url`. */
  readonly connectionString?: string | undefined
  /** A name, an address, or the folder of a Unix socket. @default 'localhost', if another part of the address is given */
  readonly host?: string | undefined
  readonly port?: number | undefined
  readonly user?: string | undefined
  readonly database?: string | undefined
  /** A function is asked for each login. @default the URL's */
  readonly password?: string | (() => string | Promise<string>) | undefined
  /** `true` is `tls: 'verify-full'`, `false` is `tls: 'off'`. */
  readonly ssl?: boolean | ConnectionOptions | undefined
  /** As `size`, with no `overflow`. */
  readonly max?: number | undefined
  /** As `minimum`. */
  readonly min?: number | undefined
  /** As `idleTimeoutMs`; 0 keeps idle connections open. */
  readonly idleTimeoutMillis?: number | undefined
  /** As `acquireTimeoutMs`; 0 waits for ever. */
  readonly connectionTimeoutMillis?: number | undefined
  /** As `maxLifetimeMs`, in seconds; 0 sets no limit. */
  readonly maxLifetimeSeconds?: number | undefined
  /** As `applicationName`. */
  readonly application_name?: string | undefined
  /** As `statementTimeoutMs`; 0 and false leave it to the server. */
  readonly statement_timeout?: number | false | undefined
  /** As `lockTimeoutMs`; 0 and false leave it to the server. */
  readonly lock_timeout?: number | false | undefined
  /** As `idleInTransactionTimeoutMs`; 0 and false leave it to the server. */
  readonly idle_in_transaction_session_timeout?: number | false | undefined
}

/** What `createPool` is told: an address, and whatever differs from the preset `api`. */
export type PoolOptions = OwnPoolOptions & NodePostgresOptions

/** The settings that an option of node-postgres stands for. */
export type Translated = { readonly [Name in keyof PoolSettings]?: unknown }

const ownNames: { readonly [Name in keyof OwnPoolOptions]-?: true } = {
  url: true,
  tls: true,
  applicationName: true,
  role: true,
  searchPath: true,
  pooler: true,
  onConnect: true,
  size: true,
  overflow: true,
  minimum: true,
  order: true,
  connectTimeoutMs: true,
  acquireTimeoutMs: true,
  statementTimeoutMs: true,
  lockTimeoutMs: true,
  idleInTransactionTimeoutMs: true,
  maxLifetimeMs: true,
  idleTimeoutMs: true,
  maxUses: true,
  livenessAfterMs: true,
  prePing: true,
  keepAliveMs: true,
  drainTimeoutMs: true,
  leakAfterMs: true,
  reclaimAfterMs: true,
  preparedStatements: true,
  reset: true,
  allowExitOnIdle: true,
}

const fromNodePostgres: {
  readonly [Name in keyof Omit<NodePostgresOptions, AddressPart>]-?: (value: unknown) => Translated
} = {
  connectionString: (url) => ({ url }),
  password: (password) => ({ password: typeof password === 'string' ? () => password : password }),
  ssl: (ssl) => ({ tls: ssl === true ? 'verify-full' : ssl === false ? 'off' : ssl }),
  max: (size) => ({ size, overflow: 0 }),
  min: (minimum) => ({ minimum }),
  idleTimeoutMillis: (limit) => ({ idleTimeoutMs: orNone(limit) }),
  connectionTimeoutMillis: (limit) => ({ acquireTimeoutMs: orNone(limit) }),
  maxLifetimeSeconds: (limit) => ({
    maxLifetimeMs: typeof limit === 'number' ? orNone(limit * 1_000) : limit,
  }),
  application_name: (applicationName) => ({ applicationName }),
  statement_timeout: (limit) => ({ statementTimeoutMs: orNone(limit) }),
  lock_timeout: (limit) => ({ lockTimeoutMs: orNone(limit) }),
  idle_in_transaction_session_timeout: (limit) => ({ idleInTransactionTimeoutMs: orNone(limit) }),
}

/** Parts of an address that is not given as a URL. */
export const ADDRESS_PARTS = ['host', 'port', 'user', 'database'] as const
type AddressPart = (typeof ADDRESS_PARTS)[number]

/** The settings that one option stands for; undefined if nobody knows it. */
export function translated(option: string, value: unknown): Translated | undefined {
  if (Object.hasOwn(ownNames, option)) return { [option]: value }
  if (!Object.hasOwn(fromNodePostgres, option)) return undefined
  return fromNodePostgres[option as keyof typeof fromNodePostgres](value)
}

/** 0 and false are no limit. */
function orNone(limit: unknown): unknown {
  return limit === 0 || limit === false ? Number.POSITIVE_INFINITY : limit
}
