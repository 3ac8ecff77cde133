import type { CompiledQuery, QueryResult } from 'kysely'
import { lastOf } from '../pool/answer.ts'
import { firstFlight } from '../pool/first-flight.ts'
import type { Pool } from '../pool/pool.ts'
import { nowhere } from '../time/call-site.ts'
import type { Deadline } from '../time/deadline.ts'
import type { CompiledShape } from './compiler.ts'
import { resultOf, statementOf } from './flown.ts'

/** One statement outside of any transaction. */
export interface LoneStatement {
  readonly compiled: CompiledQuery
  readonly shape: CompiledShape
  readonly deadline: Deadline
  readonly signal: AbortSignal | undefined
}

/** Runs one statement on any connection of the pool; the lease goes back with its answer. */
export async function executeAlone<Row>(
  pool: Pool,
  { compiled, shape, deadline, signal }: LoneStatement,
): Promise<QueryResult<Row>> {
  // It cannot be forgotten, so that nobody will ask who holds it.
  const options = { deadline, signal, takenAt: nowhere }
  const { lease, answers, error } = await firstFlight(pool, [statementOf(compiled, shape)], options)
  lease.release()
  if (answers === undefined) throw error
  return resultOf<Row>(lastOf(answers))
}
