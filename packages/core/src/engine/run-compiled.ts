import type { CompiledQuery, QueryResult } from 'kysely'
import type { Answer, Answers } from '../pool/answer.ts'
import { lastOf } from '../pool/answer.ts'
import type { Statement } from '../pool/statement.ts'
import type { CompiledPlan } from './compiled-query.ts'
import type { EngineCompiler } from './compiler.ts'
import { resultOf } from './flown.ts'
import type { Again, Rules } from './rewriter.ts'
import { assertContext, type Context, ofAnother } from './rules.ts'

/** Where a compiled query runs. */
export interface RunningPlace {
  /** Sends a flight. */
  readonly send: (flight: readonly Statement[]) => Promise<Answers>
  /** On whose behalf. */
  readonly context: Context | undefined
}

/**
 * Sends all statements of a compiled query in one flight and makes one result of their answers.
 *
 * @throws as `place.send` does; {ContextError} `CONTEXT_REQUIRED`, `CONTEXT_MISMATCH`; what a write is refused with that changed nothing
 */
export async function runCompiled<Row>(
  compiler: EngineCompiler,
  compiled: CompiledQuery,
  place: RunningPlace,
): Promise<QueryResult<Row>> {
  const plan = compiler.planOf(compiled)
  assertAll(plan, place.context)
  const flight = compiler.statementsOf(compiled, plan)
  const [{ rules }] = plan.parts
  const { assemble } = plan
  const answers = await (rules === undefined ? place.send(flight) : sendOwn(rules, flight, place))
  if (assemble !== undefined) {
    const again = againOf(compiler, compiled, place)
    const rows = await assemble(rowsOf(answers, flight.length), again, compiled.query)
    return { rows: rows as Row[] }
  }
  const result = resultOf<Row>(lastOf(answers))
  if (rules?.whenNone === undefined || result.numAffectedRows !== 0n) return result
  const { select, refuse } = rules.whenNone(compiled.query)
  const [found] = await againOf(compiler, compiled, place)([{ node: select }])
  throw refuse(found ?? [])
}

function assertAll({ parts }: CompiledPlan, context: Context | undefined): void {
  for (const { rules } of parts) if (rules !== undefined) assertContext(rules, context)
}

async function sendOwn(
  rules: Rules,
  flight: readonly Statement[],
  { send }: RunningPlace,
): Promise<Answers> {
  try {
    return await send(flight)
  } catch (error) {
    throw ofAnother(rules, error)
  }
}

function againOf(
  compiler: EngineCompiler,
  { queryId }: CompiledQuery,
  { send, context }: RunningPlace,
): Again {
  return async (parts) => {
    if (parts.length === 0) return []
    const flight = parts.flatMap((part) => {
      const one = compiler.compilePart(part, queryId)
      const plan = compiler.planOf(one)
      assertAll(plan, context)
      return compiler.statementsOf(one, plan)
    })
    return rowsOf(await send(flight), flight.length)
  }
}

/** The rows of the last `count` answers; others may have travelled in front of them. */
function rowsOf(answers: Answers, count: number): unknown[][] {
  return answers.slice(answers.length - count).map((answer: Answer) => answer.rows)
}
