import { type RootOperationNode, type SelectQueryNode, ValueNode } from 'kysely'
import type { Again, Expansion, Part } from '../engine/rewriter.ts'
import { unscopedLike } from '../rewrite/marks.ts'
import type { EdgeNode } from './edge-node.ts'
import { handLevel } from './hand-level.ts'
import { splitKey } from './key-text.ts'
import {
  attachRows,
  FIRST_WAITING,
  type Landed,
  queryReader,
  statementReader,
  waits,
} from './landed.ts'
import type { LoadPlan, Root } from './load-plan.ts'
import { type EdgeStatement, Planner, type Postponed } from './planner.ts'
import { ArrayScope } from './scope.ts'

/** What a plan sends, and how its rows are put together. */
export function expansionOf(
  plan: LoadPlan,
  rootsOf: (query: RootOperationNode) => readonly Root[],
): Expansion {
  const { query, besides, planner, explains } = plan
  if (explains) return { parts: [{ node: query }] }
  const lands = waits(besides.shape)
  const main: Part = { node: query, read: queryReader(besides, lands) }
  if (!lands) return { parts: [main] }
  const { postponed, statements } = planner
  return {
    parts: [main, ...statements.map((one) => likeQuery(partOf(one), query))],
    assemble: (results, again, current) => {
      const landed = results as Landed[][]
      attachAll(statements, landed)
      const rows = () => (landed[0] as Landed[]).map(([row]) => row)
      if (postponed.length === 0) return rows()
      const further = furtherOf(postponed, landed, rootsOf(current))
      const alike: Again = (parts) => again(parts.map((part) => likeQuery(part, query)))
      return further.bring(alike).then(rows)
    },
  }
}

/** A statement as a part of a query. */
export function partOf(statement: EdgeStatement, byValue = false): Part {
  return { node: statement.node, read: statementReader(statement, byValue) }
}

/** What the query lifts is lifted in all of its statements. */
function likeQuery(part: Part, query: SelectQueryNode): Part {
  return { ...part, node: unscopedLike(part.node, query) }
}

/** @param landed the rows of each statement, by its number */
export function attachAll(
  statements: readonly EdgeStatement[],
  landed: readonly (readonly Landed[])[],
  first = 1,
): void {
  for (const [at, statement] of statements.entries()) {
    const parents = landed[statement.attach.parent]
    if (parents !== undefined) attachRows(statement, parents, landed[first + at] as Landed[])
  }
}

/** The statements of edges whose parents had to be there first. */
function furtherOf(
  postponed: readonly Postponed[],
  landed: readonly (readonly Landed[])[],
  roots: readonly Root[],
) {
  const planner = new Planner(landed.length - 1)
  for (const { path, attach } of postponed) {
    const edge = edgeAt(roots, path)
    const keys = keysAt(landed[attach.parent] as Landed[], attach.waiting)
    if (keys.length === 0) continue
    const { own, source } = edge.link
    const arrays = new Map(
      own.map((name, at) => [name, ValueNode.create(keys.map((key) => key[at]))] as const),
    )
    const level = handLevel(keys.length)
    const scope = new ArrayScope(source, arrays)
    const choice = { strategy: 'selectin', why: '' } as const
    planner.statement(edge, attach, { scope, level, path, names: [], choice })
  }
  const { statements } = planner
  return {
    bring: async (again: Again) => {
      const results = await again(statements.map((one) => partOf(one)))
      attachAll(statements, [...landed, ...(results as Landed[][])], landed.length)
    },
  }
}

function edgeAt(roots: readonly Root[], [root, ...path]: readonly number[]): EdgeNode {
  let edges = roots[root as number]?.edges ?? []
  let found: EdgeNode | undefined
  for (const at of path) {
    found = edges[at]
    edges = found?.edges ?? []
  }
  if (found === undefined) throw new Error('the query has other edges than its plan')
  return found
}

/** The distinct keys of rows that wait. */
function keysAt(parents: readonly Landed[], waiting: number): string[][] {
  const place = FIRST_WAITING + 2 * waiting + 1
  const keys = new Set<string>()
  for (const landed of parents) {
    const key = landed[place] as string | null
    if (key !== null) keys.add(key)
  }
  return [...keys].map(splitKey)
}
