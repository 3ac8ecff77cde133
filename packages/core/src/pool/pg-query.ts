import pg from 'pg'
import { isAquiferError } from '../errors/aquifer-error.ts'
import { isServerReply } from '../errors/from-driver.ts'
import { UsageError } from '../errors/usage-error.ts'
import type { Answers } from './answer.ts'
import { arrayRowsBy, type DecoderLookup, objectRowsBy, type ResultField } from './row-reader.ts'
import type { Submittable } from './send-queue.ts'
import type { Statement } from './statement.ts'

/** A statement as pg takes it. */
export interface PgQueryConfig {
  readonly text: string
  readonly values?: readonly unknown[] | undefined
  /** Changes nothing: what is sent again is prepared without it. */
  readonly name?: string | undefined
  readonly rowMode?: 'array'
  /** Which parser a type gets. @default pg's own, with what was set by `pg.types.setTypeParser` */
  readonly types?: { getTypeParser(oid: number, format: 'text'): (text: string) => unknown }
}

/** A result as pg gives it. */
export interface PgResult<Row = Record<string, unknown>> {
  /** The command tag's first word. As in pg an empty text has none: null, which its types leave out. */
  readonly command: string
  readonly rowCount: number | null
  /** 0 for an INSERT, as the server has it since version 12. */
  readonly oid: number | null
  readonly rows: Row[]
  readonly fields: readonly ResultField[]
}

/** A result in Kysely's words, which name fewer commands than there are. */
export interface KyselyResult<Row> extends PgResult<Row> {
  readonly command: never
  readonly rowCount: number
}

/** What Kysely asks of the `query` of a client. */
export interface KyselyQuery {
  <Row>(text: string, values: readonly unknown[]): Promise<KyselyResult<Row>>
  <Cursor extends { close(): Promise<void> }>(cursor: Cursor): Cursor
}

/** A pg callback. */
export type PgCallback<T> = (error: Error | undefined, result: T) => void

/** The arguments of pg's `query`, understood. */
export interface PgRequest {
  readonly statement: Statement
  readonly callback: PgCallback<PgResult> | undefined
}

const lookup: DecoderLookup = (oid) => pg.types.getTypeParser(oid, 'text')
const objects = objectRowsBy(lookup)
const arrays = arrayRowsBy(lookup)

/** Whether it brings its own way to be sent: a cursor, a query stream, a copy stream. */
export function isSubmittable(query: unknown): query is Submittable {
  return typeof query === 'object' && query !== null && 'submit' in query
}

/**
 * Understands `query(text | config, values?, callback?)`.
 *
 * @throws {UsageError} `QUERY_INVALID` if there is no text
 */
export function pgRequest(
  query: string | PgQueryConfig,
  valuesOrCallback?: readonly unknown[] | PgCallback<PgResult>,
  callback?: PgCallback<PgResult>,
): PgRequest {
  const config = typeof query === 'string' ? { text: query } : query
  if (typeof config?.text !== 'string') {
    throw new UsageError(
      'QUERY_INVALID',
      'query() needs a text, a config object with a text, or something that can be submitted',
    )
  }
  const callsBack = typeof valuesOrCallback === 'function'
  const values = (callsBack ? undefined : valuesOrCallback) ?? config.values
  return {
    statement: { text: config.text, values, rows: rowsOf(config) },
    callback: callsBack ? valuesOrCallback : callback,
  }
}

/** What pg resolves with: one result, or a list of them for a text of several statements. */
export function pgResultOf(answers: Answers): PgResult {
  const results = answers.map(({ command, rowCount, rows, fields }) => ({
    command: command as string,
    rowCount,
    oid: command === 'INSERT' ? 0 : null,
    rows,
    fields,
  }))
  return (results.length === 1 ? results[0] : results) as PgResult
}

/** What pg would have thrown: the server's own words with their SQLSTATE as `code`. Other failures stay what they are. */
export function asPgThrows(error: unknown): Error {
  return isAquiferError(error) && isServerReply(error.cause) ? error.cause : (error as Error)
}

/** Gives the outcome to the callback, if there is one; else the promise carries it. */
export function settle<T>(
  promise: Promise<T>,
  callback: PgCallback<T> | undefined,
): Promise<T> | undefined {
  if (callback === undefined) return promise
  promise.then(
    (result) => process.nextTick(callback, undefined, result),
    (error) => process.nextTick(callback, error, undefined),
  )
  return undefined
}

function rowsOf({ rowMode, types }: PgQueryConfig) {
  if (types === undefined) return rowMode === 'array' ? arrays : objects
  const own: DecoderLookup = (oid) => types.getTypeParser(oid, 'text')
  return rowMode === 'array' ? arrayRowsBy(own) : objectRowsBy(own)
}
