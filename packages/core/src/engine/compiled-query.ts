import type { CompiledQuery, QueryId, RootOperationNode } from 'kysely'
import type { ReaderFactory } from '../pool/row-reader.ts'
import type { StatementFacts } from '../pool/statement-facts.ts'
import type { Encoder, Expansion, Rules } from './rewriter.ts'

/** What is the same for all statements of one shape; made once. */
export interface CompiledShape {
  readonly sql: string
  readonly facts: StatementFacts
  /** Makes rows under the names that the query was written in. */
  readonly rows: ReaderFactory
  /** Running it twice does no harm. */
  readonly safeRead: boolean
  /** It can leave nothing behind on its connection. */
  readonly stateless: boolean
  /** What is to be seen to when it runs; undefined if nothing is. */
  readonly rules: Rules | undefined
}

/** One of the statements of a query, and where its parameters come from. */
export interface CompiledPart extends CompiledShape {
  /** For each parameter of the text, which value of the query it is. */
  readonly order: readonly number[]
  /** For each parameter what it is put through; undefined if none is. */
  readonly encoders: readonly (Encoder | undefined)[] | undefined
}

/** What is the same for all queries of one shape; made once. */
export interface CompiledPlan {
  /** The first is the query itself. */
  readonly parts: readonly [CompiledShape, ...CompiledShape[]]
  readonly assemble: Expansion['assemble']
}

/** A compiled query that carries its plan where nobody but its compiler sees it. */
export class PlannedQuery<Row> implements CompiledQuery<Row> {
  readonly query: RootOperationNode
  readonly queryId: QueryId
  readonly sql: string
  readonly parameters: readonly unknown[]
  readonly #plan: CompiledPlan
  readonly #others: readonly (readonly unknown[])[]

  /** @param values the parameters of each part */
  constructor(
    { query, queryId }: Pick<CompiledQuery, 'query' | 'queryId'>,
    plan: CompiledPlan,
    [first, ...others]: readonly (readonly unknown[])[],
  ) {
    this.query = query
    this.queryId = queryId
    this.sql = plan.parts[0].sql
    this.parameters = first ?? []
    this.#plan = plan
    this.#others = others
  }

  static planOf(compiled: CompiledQuery): CompiledPlan | undefined {
    return #plan in compiled ? compiled.#plan : undefined
  }

  /** The parameters of the parts behind the first. */
  static othersOf(compiled: CompiledQuery): readonly (readonly unknown[])[] {
    return #others in compiled ? compiled.#others : []
  }
}
