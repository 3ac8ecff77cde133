import type { CompiledQuery, QueryResult } from 'kysely'
import { UsageError } from '../errors/usage-error.ts'
import type { Answer } from '../pool/answer.ts'
import { lastOf } from '../pool/answer.ts'
import type { FlightPart } from '../pool/flight-writer.ts'
import { Description } from '../pool/prepared-statements.ts'
import type { CompiledShape } from './compiled-query.ts'
import { type Fly, resultOf } from './flown.ts'

/** The count of an Execute message is 32 bits wide, with a sign. */
const MOST_ROWS = 2 ** 31 - 1

/** One stream: what it reads, how much at a time, and what calls it off. */
export interface StreamRequest {
  readonly compiled: CompiledQuery
  readonly shape: CompiledShape
  readonly chunkSize: number
  readonly signal: AbortSignal | undefined
  /** The name of its portal, which no other open one of the connection has. */
  readonly portal: string
  /** The transaction ends with the stream, and its portal with it. */
  readonly alone: boolean
}

/**
 * Reads a select piece by piece inside the transaction that is open on the connection. While the consumer is at one piece the next
 * is on its way, and no more than that one.
 */
export async function* streamOver<Row>(
  fly: Fly,
  request: StreamRequest,
): AsyncIterableIterator<QueryResult<Row>> {
  const { compiled, shape, chunkSize, signal, alone } = request
  assertStreamable(compiled, chunkSize)
  const portal = { name: request.portal, maxRows: chunkSize }
  const { rows, facts, safeRead } = shape
  const opening = { text: compiled.sql, values: compiled.parameters, rows, facts, safeRead, portal }
  // One that was read to its end stays open until the transaction ends, and its name with it.
  let answer = lastOf(await fly([{ closePortal: portal.name }, opening], signal))
  const description = answer.description ?? new Description()
  let ahead: Promise<Answer> | undefined
  let open = answer.suspended
  try {
    for (;;) {
      if (open)
        ahead = quietly(pieceOf(fly, { fetch: portal, description, rows, safeRead }, signal))
      if (answer.rows.length > 0) yield resultOf<Row>(answer)
      if (ahead === undefined) return
      answer = await ahead
      ahead = undefined
      open = answer.suspended
    }
  } finally {
    await ahead?.catch(() => {})
    // One that was read to its end is open all the same, and its tables cannot be altered.
    if (!alone) await fly([{ closePortal: portal.name }], undefined).catch(() => {})
  }
}

/** The refusal of a statement beside an open stream. */
export function streamOpen(): UsageError {
  return new UsageError(
    'STREAM_OPEN',
    'a stream is open here: read it to its end or leave its loop first, or open the session with cursor: true',
  )
}

async function pieceOf(
  fly: Fly,
  part: FlightPart,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  return lastOf(await fly([part], signal))
}

/** Its failure is the business of whoever awaits it, which may be later. */
function quietly<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}

function assertStreamable(compiled: CompiledQuery, chunkSize: number): void {
  if (compiled.query.kind !== 'SelectQueryNode') {
    throw new UsageError(
      'STREAM_NOT_SELECT',
      'only a select can be streamed; collect the rows of a write with execute()',
    )
  }
  if (!(chunkSize >= 1 && chunkSize <= MOST_ROWS)) {
    throw new UsageError(
      'STREAM_CHUNK_SIZE',
      `a stream reads from 1 to ${MOST_ROWS} rows at a time, got ${chunkSize}`,
    )
  }
}
