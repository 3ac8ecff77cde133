import type { QueryResult } from 'kysely'
import type { Answers } from '../pool/answer.ts'
import type { FlightPart } from '../pool/flight-writer.ts'
import type { StatementResult } from '../pool/statement.ts'

/** Sends statements that travel together and waits for their answers; what stands below a Kysely connection. */
export type Fly = (
  parts: readonly FlightPart[],
  signal: AbortSignal | undefined,
) => Promise<Answers>

/** What Kysely passes along with a query. */
export interface QueryOptions {
  readonly signal?: AbortSignal | undefined
}

const WRITES = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE'])

/** A result as Kysely gives it. */
export function resultOf<Row>({ command, rowCount, rows }: StatementResult): QueryResult<Row> {
  return command !== null && WRITES.has(command) && rowCount !== null
    ? { rows: rows as Row[], numAffectedRows: BigInt(rowCount) }
    : { rows: rows as Row[] }
}
