import { isAquiferError } from '../errors/aquifer-error.ts'
import { UsageError } from '../errors/usage-error.ts'
import type { TransactionOptions } from './options.ts'
import type { Session } from './session.ts'

/** `T` if JSON brings it back as it was, or nothing; else a type that nothing fits. */
export type JsonResult<T> = T extends string | number | boolean | null | undefined
  ? T
  : T extends void
    ? T
    : T extends bigint | symbol | Date | ((...args: never[]) => unknown)
      ? never
      : { [Name in keyof T]: JsonResult<T[Name]> }

/** Options of `engine.once`. */
export interface OnceOptions extends TransactionOptions {
  /**
   * What the key was used for, as a hash of the request: the same key with another fingerprint is refused. @default none
   */
  fingerprint?: string
}

type Unit = Pick<Session<unknown>, 'query'>

interface KeyRow {
  readonly fingerprint: string | null
  readonly result: unknown
}

const LONGEST_KEY = 512
const UNDEFINED_TABLE = '42P01'
const UNDEFINED_SCHEMA = '3F000'

/**
 * Runs `fn` in this unit unless a committed unit has run under `key` before; then gives back what that one returned. The
 * key and the result are committed with the unit's writes.
 *
 * @throws {UsageError} `IDEMPOTENCY_KEY_INVALID`, `IDEMPOTENCY_KEY_REUSED`, `IDEMPOTENCY_TABLE_MISSING`
 */
export async function applyOnce<T>(
  unit: Unit,
  { key, fingerprint }: { key: string; fingerprint: string | undefined },
  fn: () => Promise<T>,
): Promise<T> {
  if (key === '' || key.length > LONGEST_KEY) throw keyInvalid()
  const known = await claim(unit, key, fingerprint ?? null)
  if (known !== undefined) {
    if (known.fingerprint !== (fingerprint ?? null)) throw keyReused()
    return (known.result ?? undefined) as T
  }
  const result = await fn()
  const json = JSON.stringify(result ?? null)
  const { rowCount } = await unit.query(
    'update aquifer.idempotency_key set result = $2::jsonb where key = $1',
    [key, json],
  )
  if (rowCount !== 1) throw keyGone()
  // As the next caller will get it.
  return (JSON.parse(json) ?? undefined) as T
}

/** Takes the key. A unit that holds it and has not ended is waited for. @returns what it was used for, if it was */
async function claim(
  unit: Unit,
  key: string,
  fingerprint: string | null,
): Promise<KeyRow | undefined> {
  for (;;) {
    if (await insertKey(unit, key, fingerprint)) return undefined
    const { rows } = await unit.query<KeyRow>(
      'select fingerprint, result from aquifer.idempotency_key where key = $1',
      [key],
    )
    // It may have been forgotten in between, and is free then.
    if (rows[0] !== undefined) return rows[0]
  }
}

async function insertKey(unit: Unit, key: string, fingerprint: string | null): Promise<boolean> {
  try {
    const { rowCount } = await unit.query(
      'insert into aquifer.idempotency_key (key, fingerprint) values ($1, $2) on conflict do nothing',
      [key, fingerprint],
    )
    return rowCount === 1
  } catch (error) {
    throw isMissing(error) ? tableMissing(error) : error
  }
}

/** Whether the same key may be tried again: a unit that may have been applied is found by it. */
export function isWorthRepeatingOnce(error: unknown): boolean {
  return isAquiferError(error) && error.code === 'COMMIT_OUTCOME_UNKNOWN'
}

function isMissing(error: unknown): boolean {
  if (!isAquiferError(error)) return false
  return error.sqlState === UNDEFINED_TABLE || error.sqlState === UNDEFINED_SCHEMA
}

function keyInvalid(): UsageError {
  return new UsageError(
    'IDEMPOTENCY_KEY_INVALID',
    `an idempotency key has 1 to ${LONGEST_KEY} characters`,
  )
}

function keyReused(): UsageError {
  return new UsageError(
    'IDEMPOTENCY_KEY_REUSED',
    'the idempotency key was used for something else: its fingerprint differs. Use a new key for each request',
  )
}

function keyGone(): UsageError {
  return new UsageError(
    'IDEMPOTENCY_KEY_INVALID',
    'the key was deleted inside of the unit that it belongs to: do not delete keys there, and forget those alone that are old',
  )
}

function tableMissing(cause: unknown): UsageError {
  return new UsageError(
    'IDEMPOTENCY_TABLE_MISSING',
    'the table aquifer.idempotency_key is not there: add idempotencySchema() to the schemas of the upgrade, and run it',
    { cause },
  )
}
