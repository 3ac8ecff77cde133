import type { Compilable, SelectQueryNode } from 'kysely'
import { PlannedQuery } from '../engine/compiled-query.ts'
import { UsageError } from '../errors/usage-error.ts'
import type { Strategy } from './choose-strategy.ts'
import { loadNodeOf } from './load-node.ts'

/** How one edge of a query is loaded. */
export interface EdgeExplanation {
  /** Its name, and those of the edges around it: `posts.comments`. */
  readonly edge: string
  readonly strategy: Strategy
  readonly why: string
  /** The statement that brings it; undefined if none does, or if the statement needs the keys of its parents first. */
  readonly sql: string | undefined
}

/** How a query with its edges is loaded. */
export interface LoadExplanation {
  /** How often something goes to the server and is waited for. */
  readonly flights: number
  /** What goes in the first flight. */
  readonly statements: readonly string[]
  readonly edges: readonly EdgeExplanation[]
}

/**
 * How a query with its edges would be loaded. Sends nothing.
 *
 * @throws {UsageError} `LOAD_NOT_SENT` if nothing is loaded by it, or not by an engine
 */
export function explainLoad(query: Compilable): LoadExplanation {
  const compiled = query.compile()
  const load = loadNodeOf(compiled.query)
  const plan = PlannedQuery.planOf(compiled)
  if (load === undefined || plan === undefined) {
    throw new UsageError(
      'LOAD_NOT_SENT',
      'nothing is loaded by this query: add $call(load(...)) to a query of an engine',
    )
  }
  const statements = plan.parts.map(({ sql }) => sql)
  const { notes, postponed } = load.plan(compiled.query as SelectQueryNode, false).planner
  return {
    flights: postponed.length > 0 ? 2 : 1,
    statements,
    edges: notes.map(({ edge, strategy, why, statement }) => {
      const sql = statement === undefined ? undefined : statements[statement]
      return { edge, strategy, why, sql }
    }),
  }
}
