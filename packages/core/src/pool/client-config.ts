import { Socket } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import pg, { type ClientConfig } from 'pg'
import { countableMs } from '../time/clock.ts'
import type { PoolSettings } from './settings.ts'

/** Parameters of a URL that a pool has settings of its own for. */
export const OWN_PARAMETERS: readonly string[] = [
  'application_name',
  'statement_timeout',
  'lock_timeout',
  'idle_in_transaction_session_timeout',
]
/** A timer of pg's own that only its own query class calls off; deadlines take its place. */
const NOT_OURS = ['query_timeout']
const TLS_PARAMETERS = ['ssl', 'sslmode', 'sslcert', 'sslkey', 'sslrootcert', 'sslnegotiation']

/** A client that connects with these settings; its pool has to listen to its errors. */
export function createClient(settings: PoolSettings): pg.Client {
  const client = new pg.Client(clientConfig(settings))
  // pg reads it for each login, and a URL without a password would otherwise override it.
  if (settings.password !== undefined)
    (client as { password?: unknown }).password = settings.password
  return client
}

function clientConfig(settings: PoolSettings): ClientConfig {
  const { url, tls } = withoutOwnParameters(settings)
  return {
    connectionString: url,
    ...(settings.applicationName !== undefined && { application_name: settings.applicationName }),
    connectionTimeoutMillis: countableMs(settings.connectTimeoutMs),
    keepAlive: true,
    keepAliveInitialDelayMillis: countableMs(settings.keepAliveMs),
    stream: () => guarded(new Socket()),
    ...(tls !== undefined && { ssl: tls }),
    ...(settings.pooler === undefined && startupParameters(settings)),
  }
}

/**
 * Turns what a reader of the stream throws into the end of the stream: bytes that are no protocol would
 * otherwise end the process.
 */
export function guarded<Stream extends Socket>(stream: Stream): Stream {
  const emit = stream.emit
  stream.emit = function guardedEmit(this: Stream, event: string | symbol, ...rest: unknown[]) {
    if (event !== 'data') return Reflect.apply(emit, this, [event, ...rest])
    try {
      return Reflect.apply(emit, this, [event, ...rest])
    } catch (error) {
      this.destroy(error instanceof Error ? error : new Error(String(error)))
      return true
    }
  }
  return stream
}

/** Limits that are part of the login. A pooler would refuse them, or give them to somebody else. */
function startupParameters(settings: PoolSettings): ClientConfig {
  const options = [
    ...(settings.searchPath ? [`-c search_path=${searchPathOption(settings.searchPath)}`] : []),
    ...(settings.role ? [`-c role=${escaped(settings.role)}`] : []),
  ]
  const { statementTimeoutMs, lockTimeoutMs, idleInTransactionTimeoutMs } = settings
  return {
    ...(Number.isFinite(statementTimeoutMs) && { statement_timeout: statementTimeoutMs }),
    ...(Number.isFinite(lockTimeoutMs) && { lock_timeout: lockTimeoutMs }),
    ...(Number.isFinite(idleInTransactionTimeoutMs) && {
      idle_in_transaction_session_timeout: idleInTransactionTimeoutMs,
    }),
    ...(options.length > 0 && { options: options.join(' ') }),
  }
}

/** What the profile states holds: a parameter of the URL does not override it. */
function withoutOwnParameters(settings: PoolSettings): {
  url: string
  tls: boolean | ConnectionOptions | undefined
} {
  const parsed = new URL(settings.url)
  const { searchParams } = parsed
  const inUrl = TLS_PARAMETERS.some((name) => searchParams.has(name))
  const overriding = [...OWN_PARAMETERS, ...NOT_OURS].filter((name) => searchParams.has(name))
  if (settings.tls !== undefined) overriding.push(...TLS_PARAMETERS)
  for (const name of overriding) searchParams.delete(name)
  const url = overriding.length === 0 ? settings.url : parsed.href
  return { url, tls: tlsOf(settings.tls, inUrl, searchParams.get('host') ?? parsed.hostname) }
}

function tlsOf(
  asked: PoolSettings['tls'],
  inUrl: boolean,
  host: string,
): boolean | ConnectionOptions | undefined {
  if (asked === 'off') return false
  if (asked === 'verify-full') return true
  if (asked !== undefined) return asked
  return inUrl || isLocal(host) ? undefined : true
}

/** Nobody listens in between: loopback or a Unix socket. */
function isLocal(host: string): boolean {
  return /^(\/.*|%2f.*|localhost|127(\.\d+){3}|\[?::1\]?)$/i.test(host)
}

/** Identifiers are quoted for the server; spaces and backslashes once more for the startup packet. */
function searchPathOption(schemas: readonly string[]): string {
  const quoted = schemas.map((schema) =>
    /^[a-z_][a-z0-9_]*$/.test(schema) ? schema : `"${schema.replaceAll('"', '""')}"`,
  )
  return escaped(quoted.join(','))
}

function escaped(text: string): string {
  return text.replace(/[\\\s]/g, (character) => `\\${character}`)
}
