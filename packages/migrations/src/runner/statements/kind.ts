import { wordsOf } from './split.ts'

/**
 * What has to be known of a statement before it is run outside a transaction: `control` begins or ends one, `session` sets something for the
 * connection and is run each time, `outside` is refused in a transaction block, and `plain` is everything else.
 */
export type StatementKind = 'control' | 'session' | 'outside' | 'plain'

const CONTROL = new Set([
  'abort',
  'begin',
  'commit',
  'end',
  'release',
  'rollback',
  'savepoint',
  'start',
])
const SESSION = new Set([
  'deallocate',
  'discard',
  'listen',
  'load',
  'prepare',
  'reset',
  'set',
  'show',
  'unlisten',
])

/** Sorts a statement by its words. What is taken for `plain` and is refused in a transaction block all the same says so when it is run. */
export function kindOf(text: string): StatementKind {
  const words = wordsOf(text)
  const [first = '', second = ''] = words
  if (CONTROL.has(first)) return 'control'
  if (SESSION.has(first)) return 'session'
  if (first === 'create' && /^(temp|temporary)$/.test(second)) return 'session'
  if (first === 'vacuum' || (first === 'alter' && second === 'system')) return 'outside'
  if (/^(create|drop)$/.test(first) && /^(database|tablespace)$/.test(second)) return 'outside'
  return isConcurrent(words) ? 'outside' : 'plain'
}

/**
 * Whether a statement takes its locks one after the other, and none that readers or writers wait for. It has to wait for every transaction
 * that is older than itself, so that a short lock_timeout would never let it end.
 */
export function isConcurrent(words: readonly string[]): boolean {
  if (!words.includes('concurrently')) return false
  const [first, second] = words
  if (first === 'alter') return words.includes('detach')
  return (
    first === 'reindex' ||
    (/^(create|drop)$/.test(first ?? '') && /^(index|unique)$/.test(second ?? ''))
  )
}
