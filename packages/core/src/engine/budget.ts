import type { Pool } from '../pool/pool.ts'
import { nowhere } from '../time/call-site.ts'
import { Deadline } from '../time/deadline.ts'
import type { Profile } from './profile.ts'

/** A pool that may take connections from the server: a profile, and in how many processes it runs. */
export type BudgetClaim = Pick<Profile, 'name' | 'size' | 'overflow' | 'instances'>

/** Whether the connections that all pools may open are there to be had. */
export interface BudgetReport {
  readonly fits: boolean
  /** The sum of `(size + overflow) x instances` over all pools. */
  readonly needed: number
  /** What the server lets this role and database have; undefined behind a pooler, which hides it. */
  readonly available: number | undefined
  /** Which limit that is. */
  readonly limitedBy: 'server' | 'role' | 'database' | 'pooler'
  /** The server's max_connections; undefined behind a pooler. */
  readonly maxConnections: number | undefined
  /** The sum, the limit and, if it does not fit, what to change. */
  readonly message: string
}

const LIMIT_MS = 5_000

const LIMITS = `select
  current_setting('max_connections')::int as max_connections,
  current_setting('superuser_reserved_connections')::int
    + coalesce(current_setting('reserved_connections', true)::int, 0) as reserved,
  case when rolsuper then -1 else rolconnlimit end as role_limit,
  case when rolsuper then -1 else datconnlimit end as database_limit
  from pg_roles, pg_database where rolname = session_user and datname = current_database()`

interface Limits {
  readonly max_connections: number
  readonly reserved: number
  /** -1 is none, as for a superuser, whom the server holds to neither of the two. */
  readonly role_limit: number
  readonly database_limit: number
}

/** Adds up the pools and asks the server how much there is. */
export async function budgetOf(pool: Pool, claims: readonly BudgetClaim[]): Promise<BudgetReport> {
  const needed = claims.reduce((sum, claim) => sum + mostOf(claim), 0)
  const sum = claims.map(inWords).join(' + ')
  if (pool.settings.pooler !== undefined) {
    const message = `${sum} = ${needed} connections to a pooler; what it may open to the server is its own setting`
    const unknown = { available: undefined, maxConnections: undefined }
    return { fits: true, needed, limitedBy: 'pooler', message, ...unknown }
  }
  const deadline = Deadline.after(LIMIT_MS)
  await using lease = await pool.acquire({ deadline, takenAt: nowhere })
  const { rows } = await lease.query<Limits>(LIMITS, [], { deadline })
  const { limitedBy, available, maxConnections } = tightest(rows[0] as Limits)
  const fits = needed <= available
  const found = `${sum} = ${needed} connections, and ${WORDS[limitedBy]} ${available}`
  const message = fits
    ? found
    : `${found}: lower size or overflow of a profile or the number of its instances, or raise that limit`
  return { fits, needed, available, limitedBy, maxConnections, message }
}

const WORDS = {
  server: 'max_connections less the reserved ones is',
  role: 'the role may have',
  database: 'the database may have',
} as const

function tightest({ max_connections, reserved, role_limit, database_limit }: Limits) {
  const limits = [
    { limitedBy: 'server' as const, available: max_connections - reserved },
    { limitedBy: 'role' as const, available: role_limit },
    { limitedBy: 'database' as const, available: database_limit },
  ].filter(({ available }) => available >= 0)
  const [first] = limits.toSorted((a, b) => a.available - b.available)
  return { ...(first as (typeof limits)[0]), maxConnections: max_connections }
}

function mostOf({ size, overflow, instances = 1 }: BudgetClaim): number {
  return (size + overflow) * instances
}

function inWords(claim: BudgetClaim): string {
  const { name, size, overflow, instances = 1 } = claim
  return `${name} ${instances > 1 ? `${instances} x ` : ''}(${size} + ${overflow})`
}
