import { UsageError } from '../errors/usage-error.ts'
import { OWN_PARAMETERS } from '../pool/client-config.ts'
import { PgPool } from '../pool/pg-pool.ts'
import { Pool } from '../pool/pool.ts'
import type { PoolSettings } from '../pool/settings.ts'
import { brokenRule } from './check-settings.ts'
import { ADDRESS_PARTS, type PoolOptions, translated } from './pool-options.ts'
import { presets } from './profile.ts'

/**
 * A pool in the shape of pg.Pool, for code that is written against node-postgres or for Kysely's own PostgresDialect. It takes
 * the settings of a profile and the options of pg.Pool; what is not stated is as in `presets.api`. Opens no connection: the first
 * `connect` or `query` does. Close it with `end()`.
 *
 * @throws {UsageError} `POOL_OPTIONS_INVALID` if there is no address, or an option is not known, contradicts another one
 *   or makes no sense; the message names it
 */
export function createPool(options: PoolOptions): PgPool {
  return new PgPool(new Pool(settingsOf(options)))
}

function settingsOf(options: PoolOptions): PoolSettings {
  const { name: _, deadlineMs: _deadline, longTransactionMs: _long, ...defaults } = presets.api
  const stated = statedIn(options)
  const settings = { ...defaults, ...fitting(defaults, stated), ...stated } as PoolSettings
  const broken = brokenRule(settings)
  if (broken !== undefined) throw invalid(broken)
  return settings
}

/** What the caller asks for, under our names. */
function statedIn(options: PoolOptions): Partial<PoolSettings> {
  const stated: Record<string, unknown> = {}
  const statedBy: Record<string, string> = {}
  const note = (setting: string, value: unknown, by: string) => {
    const other = statedBy[setting]
    if (other !== undefined && stated[setting] !== value)
      throw invalid(`${other} and ${by} contradict each other: give one of them`)
    stated[setting] = value
    statedBy[setting] = by
  }

  const address = addressOf(options)
  if (address !== undefined) note('url', address.url, address.by)
  for (const [option, value] of Object.entries(options)) {
    if (value === undefined || isAddressPart(option)) continue
    const settings = translated(option, value)
    if (settings === undefined) throw invalid(unknownOption(option))
    for (const [setting, meant] of Object.entries(settings)) note(setting, meant, option)
  }
  if (stated.url === undefined)
    throw invalid('an address is needed: url, connectionString, or host, port, user and database')
  for (const [parameter, value] of limitsInUrl(String(stated.url))) {
    const isName = parameter === 'application_name'
    const settings = translated(parameter, isName ? value : Number(value)) ?? {}
    for (const [setting, meant] of Object.entries(settings))
      note(setting, meant, `${parameter} of the URL`)
  }
  return stated
}

/** A limit that nobody has stated must not contradict one that is. */
function fitting(
  defaults: Pick<PoolSettings, 'lockTimeoutMs' | 'statementTimeoutMs'>,
  { lockTimeoutMs, statementTimeoutMs }: Partial<PoolSettings>,
): Partial<PoolSettings> {
  if (lockTimeoutMs === undefined && statementTimeoutMs !== undefined)
    return { lockTimeoutMs: Math.min(defaults.lockTimeoutMs, statementTimeoutMs / 2) }
  if (statementTimeoutMs === undefined && lockTimeoutMs !== undefined && lockTimeoutMs < 2 ** 30)
    return { statementTimeoutMs: Math.max(defaults.statementTimeoutMs, lockTimeoutMs * 2) }
  return {}
}

function isAddressPart(option: string): boolean {
  return (ADDRESS_PARTS as readonly string[]).includes(option)
}

/** The URL of an address that is given in parts. */
function addressOf(options: PoolOptions): { url: string; by: string } | undefined {
  const given = ADDRESS_PARTS.filter((part) => options[part] !== undefined)
  if (given.length === 0) return undefined
  const { host = 'localhost', port, user, database } = options
  const isFolder = host.startsWith('/')
  const url = new URL(`postgres://localhost/${encodeURIComponent(database ?? '')}`)
  if (isFolder) url.searchParams.set('host', host)
  else url.hostname = host.includes(':') ? `[${host}]` : host
  if (!isFolder && url.hostname === 'localhost' && host !== 'localhost')
    throw invalid(`host is no name and no address`)
  if (port !== undefined) url.port = String(port)
  if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65_536))
    throw invalid('port must be a whole number from 1 to 65535')
  url.username = encodeURIComponent(user ?? '')
  return { url: url.href, by: given.join(', ') }
}

function limitsInUrl(url: string): [string, string][] {
  if (!URL.canParse(url)) return []
  return [...new URL(url).searchParams].filter(([name]) => OWN_PARAMETERS.includes(name))
}

function unknownOption(option: string): string {
  return `${option} is not known. Known are the settings of a profile's pool and the options of pg.Pool that its documentation names`
}

function invalid(rule: string): UsageError {
  return new UsageError('POOL_OPTIONS_INVALID', `createPool: ${rule}`)
}
