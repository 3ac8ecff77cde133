import type { CompiledQuery, QueryResult } from 'kysely'
import type { Answer, Answers } from '../pool/answer.ts'
import { lastOf } from '../pool/answer.ts'
import type { Statement } from '../pool/statement.ts'
import type { EngineCompiler } from './compiler.ts'
import { resultOf } from './flown.ts'
import type { Again } from './rewriter.ts'

/**
 * Sends all statements of a compiled query in one flight and makes one result of their answers.
 *
 * @param send sends a flight where the query runs
 */
export async function runCompiled<Row>(
  compiler: EngineCompiler,
  compiled: CompiledQuery,
  send: (flight: readonly Statement[]) => Promise<Answers>,
): Promise<QueryResult<Row>> {
  const plan = compiler.planOf(compiled)
  const flight = compiler.statementsOf(compiled, plan)
  const answers = await send(flight)
  const { assemble } = plan
  if (assemble === undefined) return resultOf<Row>(lastOf(answers))
  const again: Again = async (parts) => {
    if (parts.length === 0) return []
    const further = parts.flatMap((part) => {
      const one = compiler.compilePart(part, compiled.queryId)
      return compiler.statementsOf(one, compiler.planOf(one))
    })
    return rowsOf(await send(further), further.length)
  }
  const rows = await assemble(rowsOf(answers, flight.length), again, compiled.query)
  return { rows: rows as Row[] }
}

/** The rows of the last `count` answers; others may have travelled in front of them. */
function rowsOf(answers: Answers, count: number): unknown[][] {
  return answers.slice(answers.length - count).map((answer: Answer) => answer.rows)
}
