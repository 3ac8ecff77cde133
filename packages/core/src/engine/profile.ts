import { UsageError } from '../errors/usage-error.ts'
import type { PoolSettings } from '../pool/settings.ts'
import { brokenGuard, brokenRule } from './check-settings.ts'

/** Named settings of an engine. Start from one of `presets` and state what differs. */
export interface Profile extends Omit<PoolSettings, 'applicationName'> {
  /** What the engine is for: `api`, `worker`, `migrations`, ... */
  readonly name: string
  /** The process that connects; first part of the application_name `<service>:<name>@<version>`. */
  readonly service: string
  readonly version: string
  /** Bounds each session and each statement outside of one, waiting included. */
  readonly deadlineMs: number
  /** What stands in front of the names of a session's context. @default 'app.' */
  readonly contextPrefix?: string | undefined
  /** A transaction, of a session or of Kysely, that is open for longer is told of by the event `longTransaction`. @default no limit */
  readonly longTransactionMs?: number | undefined
  /**
   * What becomes of an HTTP request (fetch, undici, node:http) that is begun inside a transaction after its BEGIN: `warn` tells of
   * it by the event `networkCall`, `refuse` also lets it fail with `NETWORK_IN_TRANSACTION`; where a client's request cannot be made to
   * fail, COMMIT is refused with that error. @default 'allow'
   */
  readonly networkInTransaction?: 'allow' | 'warn' | 'refuse' | undefined
  /** In how many processes this profile runs at the same time; see `engine.budget()`. @default 1 */
  readonly instances?: number | undefined
  /** `off` lets a process start although the pools may need more connections than there are. @default 'check' */
  readonly budget?: 'check' | 'off' | undefined
}

/** A profile without what only the application knows. */
export type ProfilePreset = Omit<Profile, 'url' | 'service' | 'version'>

const common = {
  connectTimeoutMs: 5_000,
  lockTimeoutMs: 2_000,
  idleInTransactionTimeoutMs: 10_000,
  maxLifetimeMs: 30 * 60_000,
  livenessAfterMs: 1_000,
  keepAliveMs: 10_000,
  drainTimeoutMs: 10_000,
}

/** Starting points: `api` answers people, `worker` runs jobs, `migrations` changes the schema. */
export const presets: {
  readonly api: ProfilePreset
  readonly worker: ProfilePreset
  readonly migrations: ProfilePreset
} = {
  api: {
    ...common,
    name: 'api',
    size: 20,
    overflow: 40,
    acquireTimeoutMs: 2_000,
    statementTimeoutMs: 5_000,
    deadlineMs: 8_000,
    leakAfterMs: 5_000,
    longTransactionMs: 1_000,
  },
  worker: {
    ...common,
    name: 'worker',
    size: 5,
    overflow: 10,
    acquireTimeoutMs: 10_000,
    statementTimeoutMs: 60_000,
    deadlineMs: 120_000,
    leakAfterMs: 60_000,
    longTransactionMs: 10_000,
  },
  migrations: {
    ...common,
    name: 'migrations',
    size: 0,
    overflow: 3,
    acquireTimeoutMs: 10_000,
    statementTimeoutMs: 30 * 60_000,
    idleInTransactionTimeoutMs: 60_000,
    deadlineMs: 60 * 60_000,
    // A migration may hold its connection for as long as it takes.
    leakAfterMs: Number.POSITIVE_INFINITY,
    longTransactionMs: Number.POSITIVE_INFINITY,
  },
}

/**
 * The settings of the pool below a profile.
 *
 * @throws {UsageError} `PROFILE_INVALID` if limits do not fit together; the message names them
 */
export function poolSettingsOf(profile: Profile): PoolSettings {
  const { name, service, version, deadlineMs, instances, budget: _budget, ...rest } = profile
  const { contextPrefix, longTransactionMs, networkInTransaction, ...settings } = rest
  const broken =
    brokenRule(settings) ??
    brokenDeadline(settings, deadlineMs) ??
    brokenInstances(instances) ??
    brokenPrefix(contextPrefix) ??
    brokenGuard({ longTransactionMs, networkInTransaction })
  if (broken !== undefined) throw new UsageError('PROFILE_INVALID', `profile ${name}: ${broken}`)
  return { ...settings, applicationName: applicationName(service, name, version) }
}

/** PostgreSQL cuts longer names off without a word. */
function applicationName(service: string, profile: string, version: string): string {
  return Buffer.from(`${service}:${profile}@${version}`).subarray(0, 63).toString()
}

function brokenDeadline(
  { statementTimeoutMs }: Pick<PoolSettings, 'statementTimeoutMs'>,
  deadlineMs: number,
): string | undefined {
  const isLimit = typeof deadlineMs === 'number' && deadlineMs > 0
  if (!isLimit) return 'deadlineMs must be a number above 0'
  return statementTimeoutMs < deadlineMs ? undefined : 'statementTimeoutMs must be below deadlineMs'
}

function brokenInstances(instances: number | undefined): string | undefined {
  const isCount = instances === undefined || (Number.isInteger(instances) && instances >= 1)
  return isCount ? undefined : 'instances must be a whole number from 1'
}

function brokenPrefix(prefix: string | undefined): string | undefined {
  const isPrefix = prefix === undefined || /^[a-z_][a-z0-9_]*\.$/.test(prefix)
  return isPrefix ? undefined : "contextPrefix must be a name and a dot, as 'app.'"
}
