import type { BudgetReport, Engine } from '@aquifer/core'

/** What a connection test has found. */
export interface PingResult {
  /** `host:port/database`, without user and password. */
  readonly address: string
  /** How long it took to connect and to get the first answer. */
  readonly connectMs: number
  /** Round trips on the open connection. */
  readonly latencyMs: { readonly min: number; readonly median: number; readonly max: number }
  readonly serverVersion: string
  readonly nodeVersion: string
  /** Null if the connection is not encrypted, or a pooler in front of the server hides it. */
  readonly tls: { readonly version: string; readonly cipher: string } | null
  readonly role: {
    /** Who logged in. */
    readonly login: string
    /** As whom statements run. */
    readonly acts: string
    readonly superuser: boolean
    /** Whether it may make schemas in this database, as the first migration does. */
    readonly mayCreateSchema: boolean
  }
  readonly database: string
  readonly applicationName: string
  /** Whether the server is a standby, which refuses every change. */
  readonly standby: boolean
  /** Whether something stands between that shares server connections: migrations need to go past it. */
  readonly pooler: boolean
  /** Whether the connections that this profile may open are there to be had. */
  readonly budget: BudgetReport
}

const ROUNDS = 5

const FACTS = `select current_setting('server_version') as version, current_database() as database, session_user as login, current_user as acts,
    current_setting('application_name') as name, pg_is_in_recovery() as standby, pg_backend_pid() as pid,
    (select rolsuper from pg_roles where rolname = current_user) as superuser,
    has_database_privilege(current_database(), 'create') as "mayCreate",
    ssl.version as "tlsVersion", ssl.cipher
  from (select) nothing left join pg_stat_ssl ssl on ssl.pid = pg_backend_pid() and ssl.ssl`

interface Facts {
  readonly version: string
  readonly database: string
  readonly login: string
  readonly acts: string
  readonly name: string
  readonly standby: boolean
  readonly pid: number
  readonly superuser: boolean
  readonly mayCreate: boolean
  readonly tlsVersion: string | null
  readonly cipher: string | null
}

/**
 * Connects and asks who is there; changes nothing.
 *
 * @throws {ConnectionError} `CONNECTION_FAILED` with the reason, and whatever the login is refused for
 */
export async function ping<DB>(engine: Engine<DB>): Promise<PingResult> {
  // Asked first: a pool of one has no second connection to ask on.
  const budget = await engine.budget()
  const startedAt = performance.now()
  await using lease = await engine.acquire()
  const { rows } = await lease.query<Facts>(FACTS)
  const connectMs = tenths(performance.now() - startedAt)
  const [facts] = rows as [Facts]
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const sentAt = performance.now()
    await lease.query('select 1')
    times.push(tenths(performance.now() - sentAt))
  }
  const [min = 0, , median = 0, , max = 0] = times.toSorted((a, b) => a - b)
  const { tlsVersion, cipher } = facts
  return {
    address: addressOf(engine.profile.url),
    connectMs,
    latencyMs: { min, median, max },
    serverVersion: facts.version,
    nodeVersion: process.versions.node,
    tls: tlsVersion === null ? null : { version: tlsVersion, cipher: cipher ?? '' },
    role: {
      login: facts.login,
      acts: facts.acts,
      superuser: facts.superuser,
      mayCreateSchema: facts.mayCreate,
    },
    database: facts.database,
    applicationName: facts.name,
    standby: facts.standby,
    pooler: engine.profile.pooler !== undefined || facts.pid !== lease.backendPid,
    budget,
  }
}

function addressOf(url: string): string {
  const { hostname, port, pathname, searchParams } = new URL(url)
  return `${searchParams.get('host') ?? hostname}:${port || '5432'}${pathname}`
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10
}
