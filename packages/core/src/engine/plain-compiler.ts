import {
  type CompiledQuery,
  PostgresQueryCompiler,
  type QueryId,
  type RootOperationNode,
} from 'kysely'
import type { Rewriter } from './rewriter.ts'

/** Compiles queries that are written in PostgreSQL's own names; the rules of the models hold in them too. */
export class PlainCompiler extends PostgresQueryCompiler {
  readonly #rewriter: Rewriter | undefined

  constructor(rewriter: Rewriter | undefined) {
    super()
    this.#rewriter = rewriter
  }

  override compileQuery(root: RootOperationNode, queryId: QueryId): CompiledQuery {
    const node = this.#rewriter?.rewritePlain(root) ?? root
    return { ...super.compileQuery(node, queryId), query: root }
  }
}
