import { createHash } from 'node:crypto'
import { ownStatement, setLocal } from '../engine/begin-flight.ts'
import { isAquiferError } from '../errors/aquifer-error.ts'
import { TimeoutError } from '../errors/timeout-error.ts'
import { UsageError } from '../errors/usage-error.ts'
import type { Statement } from '../pool/statement.ts'
import type { SessionUnit } from './session-unit.ts'

/** What a lock is known by: one text, or parts of which a number counts as its digits. `'a'` and `['a']` are the same lock. */
export type LockName = string | readonly (string | number | bigint)[]

/** Options of `session.tryLock`. */
export interface TryLockOptions {
  /** Holders that share a lock exclude none but those who do not share it. @default false */
  shared?: boolean
}

/** Options of `session.lock`. */
export interface LockOptions extends TryLockOptions {
  /** How long to wait; if it is too long the session lives on. @default the transaction's lock_timeout, and then the unit is lost */
  timeoutMs?: number
}

/** Who has the lock, and how it is asked for. */
export interface LockRequest extends LockOptions {
  readonly key: bigint
}

/** The server counts milliseconds in 32 bits with a sign. */
const LONGEST_WAIT_MS = 2 ** 31 - 1

/**
 * The key of `pg_advisory_xact_lock` that `session.lock(name)` takes, for other programs that need the same lock. It never changes: the first 8
 * bytes, as a signed number, of the SHA-256 of all parts, each as the length of its UTF-8 in 4 bytes and then its UTF-8; numbers are big-endian.
 *
 * @returns a number of 64 bits with a sign
 * @throws {UsageError} `LOCK_NAME` if there is no part, or one is empty, no whole number or no well-formed text
 */
export function advisoryKey(name: LockName): bigint {
  const parts = typeof name === 'string' ? [name] : name
  if (!Array.isArray(parts) || parts.length === 0) throw invalidName('has no parts')
  const hash = createHash('sha256')
  for (const part of parts) {
    const bytes = Buffer.from(textOf(part))
    const length = Buffer.alloc(4)
    length.writeUInt32BE(bytes.length)
    hash.update(length).update(bytes)
  }
  return hash.digest().readBigInt64BE()
}

/** Waits for the lock in the server; a failure dooms the unit as that of any statement does. */
export function lockStatement({ key, shared = false }: LockRequest): Statement {
  const text = `select pg_advisory_xact_lock${shared ? '_shared' : ''}($1)`
  return { text, values: [String(key)], safeRead: true }
}

/** Brings one row `{ locked }`, at once. */
export function tryLockStatement({ key, shared = false }: LockRequest): Statement {
  const text = `select pg_try_advisory_xact_lock${shared ? '_shared' : ''}($1) as locked`
  return { text, values: [String(key)], safeRead: true }
}

/**
 * Takes the lock in one flight, or gives up after `timeoutMs` and leaves the unit as it was. The savepoint that makes this possible is
 * gone afterwards, and lock_timeout is what it was before, whoever had set it.
 *
 * @throws {TimeoutError} `LOCK_TIMEOUT`; {UsageError} `LOCK_TIMEOUT_INVALID`
 */
export async function lockWithin(
  unit: SessionUnit,
  request: LockRequest,
  timeoutMs: number,
): Promise<void> {
  const name = `aquifer_${unit.nextSavepoint()}`
  const flight = [
    { text: `savepoint ${name}` },
    ownStatement(
      "select set_config('aquifer.lock_timeout', current_setting('lock_timeout'), true)",
    ),
    setLocal('lock_timeout', timeoutMs),
    lockStatement(request),
    ownStatement(
      "select set_config('lock_timeout', current_setting('aquifer.lock_timeout'), true)",
    ),
    { text: `release savepoint ${name}` },
  ]
  try {
    await unit.fly(flight)
  } catch (error) {
    if (!isAquiferError(error) || error.code !== 'LOCK_TIMEOUT') throw error
    // Also sets lock_timeout back.
    await unit.fly([
      { text: `rollback to savepoint ${name}` },
      { text: `release savepoint ${name}` },
    ])
    throw notFreeWithin(timeoutMs, error)
  }
}

/** @throws {UsageError} `LOCK_TIMEOUT_INVALID` if the server cannot count it */
export function assertWaitable(timeoutMs: number): void {
  if (Number.isInteger(timeoutMs) && timeoutMs >= 1 && timeoutMs <= LONGEST_WAIT_MS) return
  throw new UsageError(
    'LOCK_TIMEOUT_INVALID',
    `timeoutMs must be a whole number from 1 to ${LONGEST_WAIT_MS}, got ${timeoutMs}; not to wait at all is tryLock()`,
  )
}

/** The refusal of a lock that would be gone with its statement. */
export function lockNeedsTransaction(): UsageError {
  return new UsageError(
    'LOCK_AUTOCOMMIT',
    'a lock is held until its transaction ends, and an autocommit session has none: open the session without mode autocommit',
  )
}

function textOf(part: unknown): string {
  if (typeof part === 'bigint' || Number.isSafeInteger(part)) return String(part)
  if (typeof part !== 'string' || part === '') throw invalidName('has an empty part, or a fraction')
  if (!part.isWellFormed()) throw invalidName('has a part that is no well-formed text')
  return part
}

function invalidName(what: string): UsageError {
  return new UsageError(
    'LOCK_NAME',
    `the name of the lock ${what}: give a text, or an array of texts and whole numbers`,
  )
}

function notFreeWithin(timeoutMs: number, cause: unknown): TimeoutError {
  return new TimeoutError(
    'LOCK_TIMEOUT',
    `the lock was not free within ${timeoutMs} ms. The session is as it was before: go on without the lock, or ask again`,
    { cause, sqlState: '55P03' },
  )
}
