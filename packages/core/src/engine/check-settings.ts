import type { PoolSettings } from '../pool/settings.ts'

/** The server counts milliseconds in 32 bits with a sign. */
const LONGEST_LIMIT_MS = 2 ** 31 - 1

const counts = ['size', 'overflow', 'minimum', 'preparedStatements'] as const
/** May be 0, and without end. */
const durations = [
  'acquireTimeoutMs',
  'idleTimeoutMs',
  'livenessAfterMs',
  'keepAliveMs',
  'drainTimeoutMs',
  'leakAfterMs',
  'reclaimAfterMs',
] as const
const limits = ['connectTimeoutMs', 'maxLifetimeMs'] as const
/** Infinity leaves the server's own setting alone. */
const serverLimits = ['statementTimeoutMs', 'lockTimeoutMs', 'idleInTransactionTimeoutMs'] as const
const choices = {
  order: ['lifo', 'fifo'],
  prePing: ['auto', 'always', 'never'],
  reset: ['auto', 'always'],
  pooler: ['transaction'],
} as const

const NETWORK: readonly unknown[] = ['allow', 'warn', 'refuse']

/** What an engine looks after. */
interface GuardSettings {
  readonly longTransactionMs: unknown
  readonly networkInTransaction: unknown
}

/** Which rule the settings of a pool break, in words; undefined if they fit together. */
export function brokenRule(settings: PoolSettings): string | undefined {
  return [
    ...wrongAddress(settings),
    ...wrongValues(settings),
    ...wrongTogether(settings),
    ...wrongBehindPooler(settings),
  ].shift()
}

/** Which rule the settings of what an engine looks after break, in words; undefined if none. */
export function brokenGuard({
  longTransactionMs: limit,
  networkInTransaction: how,
}: GuardSettings): string | undefined {
  if (limit !== undefined && !(typeof limit === 'number' && limit > 0))
    return 'longTransactionMs must be a number above 0'
  return how === undefined || NETWORK.includes(how)
    ? undefined
    : `networkInTransaction must be ${NETWORK.map((one) => `'${one}'`).join(' or ')}`
}

function* wrongAddress({ url, password, tls, role, searchPath }: PoolSettings): Iterable<string> {
  if (!(/^postgres(ql)?:\/\//.test(String(url)) && URL.canParse(url)))
    yield 'url must be a valid one that begins with postgres:// or postgresql://'
  // Otherwise the environment would say where to go, and whether that is this machine is not known.
  else if (!new URL(url).hostname && !new URL(url).searchParams.get('host'))
    yield 'url must name a host, or the folder of a Unix socket as ?host=/folder'
  if (password !== undefined && typeof password !== 'function')
    yield 'password must be a function that returns it'
  const isTls = typeof tls === 'object' && tls !== null
  if (tls !== undefined && tls !== 'verify-full' && tls !== 'off' && !isTls)
    yield "tls must be 'verify-full', 'off' or the options of tls.connect"
  if (role !== undefined && (typeof role !== 'string' || role === ''))
    yield 'role must be the name of a role'
  const isPath = Array.isArray(searchPath) && searchPath.length > 0 && searchPath.every(Boolean)
  if (searchPath !== undefined && !isPath) yield 'searchPath must be a list of names of schemas'
}

function* wrongValues(settings: PoolSettings): Iterable<string> {
  for (const name of counts) {
    const value = settings[name]
    if (value !== undefined && !(Number.isInteger(value) && value >= 0))
      yield `${name} must be a whole number from 0`
  }
  const { maxUses, multiplex, onConnect } = settings
  const isCount = (value: number) => Number.isInteger(value) && value >= 1
  if (maxUses !== undefined && !isCount(maxUses) && maxUses !== Number.POSITIVE_INFINITY)
    yield 'maxUses must be a whole number from 1'
  if (multiplex !== undefined && !isCount(multiplex?.connections))
    yield 'multiplex.connections must be a whole number from 1'
  if (onConnect !== undefined && typeof onConnect !== 'function')
    yield 'onConnect must be a function'
  for (const name of durations) {
    const value = settings[name]
    if (value !== undefined && !(typeof value === 'number' && value >= 0))
      yield `${name} must be a number from 0`
  }
  for (const name of limits) {
    const value = settings[name]
    if (!(typeof value === 'number' && value > 0)) yield `${name} must be a number above 0`
  }
  for (const name of serverLimits) {
    const value = settings[name]
    const isLimit = value >= 1 && (value <= LONGEST_LIMIT_MS || value === Number.POSITIVE_INFINITY)
    if (!(typeof value === 'number' && isLimit))
      yield `${name} must be a number from 1 to ${LONGEST_LIMIT_MS}`
  }
  for (const [name, known] of Object.entries(choices)) {
    const value = settings[name as keyof typeof choices]
    if (value !== undefined && !(known as readonly string[]).includes(value))
      yield `${name} must be ${known.map((one) => `'${one}'`).join(' or ')}`
  }
}

function* wrongTogether(settings: PoolSettings): Iterable<string> {
  const { size, overflow, minimum = 0, lockTimeoutMs, statementTimeoutMs, multiplex } = settings
  if (size + overflow < 1) yield 'size + overflow must allow one connection'
  if (minimum > size) yield `minimum must not be above size: ${minimum} > ${size}`
  if ((multiplex?.connections ?? 0) >= size + overflow)
    yield 'multiplex.connections must be below size + overflow: transactions need connections too'
  if (lockTimeoutMs !== Number.POSITIVE_INFINITY && lockTimeoutMs >= statementTimeoutMs)
    yield 'lockTimeoutMs must be below statementTimeoutMs'
}

/** What belongs to a connection would reach whoever gets the server's side of it next, or nobody. */
function* wrongBehindPooler(settings: PoolSettings): Iterable<string> {
  const { pooler, role, searchPath, onConnect, reset } = settings
  if (pooler === undefined) return
  const instead = 'a transaction pooler hands every transaction to another server connection'
  if (role !== undefined)
    yield `role cannot be kept behind a pooler: ${instead}. Set it for the login: ALTER ROLE ... SET role = ...`
  if (searchPath !== undefined)
    yield `searchPath cannot be kept behind a pooler: ${instead}. Set it for the login: ALTER ROLE ... SET search_path = ...`
  if (onConnect !== undefined)
    yield `onConnect cannot prepare a connection behind a pooler: ${instead}. Use the pooler's own connect_query`
  if (reset === 'always') yield `reset: 'always' resets nothing behind a pooler: ${instead}`
}
