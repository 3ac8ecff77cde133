import type { QueryResult } from 'kysely'

/** What the journal keeps of a statement's answer, so that a later run can go on as if it had just got it. */
export interface KeptResult {
  /** Whether it may have changed anything. */
  readonly wrote: boolean
  /** Null if JSON would have changed them, or they are too many. */
  readonly rows: readonly unknown[] | null
  readonly affected?: string
}

const LONGEST_BYTES = 64 * 1024

/** What to keep of an answer. */
export function keptResult(
  { rows, numAffectedRows }: QueryResult<unknown>,
  wrote: boolean,
): KeptResult {
  const plain = rows.every((row) => Object.values(row as object).every(isPlain))
  return {
    wrote,
    rows: plain && Buffer.byteLength(JSON.stringify(rows)) <= LONGEST_BYTES ? rows : null,
    ...(numAffectedRows !== undefined && { affected: String(numAffectedRows) }),
  }
}

/** The answer that was kept; undefined if its rows were not. */
export function answerOf({ rows, affected }: KeptResult): QueryResult<unknown> | undefined {
  if (rows === null) return undefined
  return { rows: [...rows], ...(affected !== undefined && { numAffectedRows: BigInt(affected) }) }
}

function isPlain(value: unknown): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true
  return typeof value === 'number' && Number.isFinite(value) && !Object.is(value, -0)
}
