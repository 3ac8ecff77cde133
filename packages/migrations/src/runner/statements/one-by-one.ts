import type { CompiledQuery, QueryResult } from 'kysely'
import { splitStatements } from './split.ts'

/** What a text without a statement answers. */
export const NOTHING: QueryResult<unknown> = { rows: [] }

/** Runs the statements of a text one after the other; a text with parameters is one. The answer is that of the last. */
export async function oneByOne(
  { sql, parameters }: CompiledQuery,
  run: (text: string, values: readonly unknown[]) => Promise<QueryResult<unknown>>,
): Promise<QueryResult<unknown>> {
  let result = NOTHING
  for (const text of parameters.length > 0 ? [sql] : splitStatements(sql))
    result = await run(text, parameters)
  return result
}
