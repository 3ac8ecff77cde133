import {
  AliasNode,
  IdentifierNode,
  type JoinNode,
  OnNode,
  type OperationNode,
  SelectAllNode,
  SelectionNode,
  SelectQueryNode,
  WhereNode,
} from 'kysely'
import type { Pass, Scene } from './pass.ts'
import { sourceOf } from './sources.ts'
import { both } from './tree.ts'

/** What a query reads from, with the scopes of each source where they leave the rows of outer joins as they have to be. */
export interface ScopedSources {
  readonly froms: readonly OperationNode[]
  readonly joins: readonly JoinNode[] | undefined
  /** What remains for WHERE. */
  readonly where: readonly OperationNode[]
}

/** A source whose scope is a filter on all that was joined so far, because no join has made its columns null. */
interface Pending {
  readonly index: number
  readonly scopes: readonly OperationNode[]
}

/** Joins whose rows are there on both sides or not at all. */
const INNER = new Set(['InnerJoin', 'CrossJoin', 'LateralInnerJoin', 'LateralCrossJoin'])
const LEFT = new Set(['LeftJoin', 'LateralLeftJoin'])

/**
 * Adds the scopes of everything that is read. Joins belong to the last item of FROM, from left to right. A table of a left join is
 * filtered where it is joined; before a right join all to its left is; and a full join, which shows the rows of both sides whatever
 * its condition says, gets its tables as filtered subqueries.
 */
export function scopedSources(
  froms: readonly OperationNode[],
  joins: readonly JoinNode[] | undefined,
  pass: Pass,
  scene: Scene,
): ScopedSources {
  const tables = [...froms, ...(joins ?? []).map(({ table }) => table)]
  const scopes = tables.map((table) => scopesOf(table, pass, scene))
  if (scopes.every((one) => one.length === 0)) return { froms, joins, where: [] }
  const where = scopes.slice(0, Math.max(0, froms.length - 1)).flat()
  const on = new Map<number, readonly OperationNode[]>()
  const enclosed = new Set<number>()
  const taken = (index: number): Pending => ({ index, scopes: scopes[index] ?? [] })
  let pending: Pending[] = froms.length === 0 ? [] : [taken(froms.length - 1)]
  for (const [at, { joinType }] of (joins ?? []).entries()) {
    const index = froms.length + at
    if (INNER.has(joinType)) pending.push(taken(index))
    else if (LEFT.has(joinType)) on.set(index, scopes[index] ?? [])
    else {
      if (joinType === 'RightJoin') {
        on.set(
          index,
          pending.flatMap((one) => one.scopes),
        )
        pending = [taken(index)]
      } else {
        for (const one of [...pending, taken(index)]) enclosed.add(one.index)
        pending = []
      }
    }
  }
  const tableAt = (table: OperationNode, index: number) =>
    enclosed.has(index) ? filtered(table, pass, scene) : table
  return {
    froms: froms.map(tableAt),
    joins: joins?.map((join, at) => {
      const index = froms.length + at
      return joined(join, tableAt(join.table, index), on.get(index) ?? [])
    }),
    where: [...where, ...pending.flatMap((one) => one.scopes)],
  }
}

/** A table with those of its rows that are seen, as a subquery of the same name; the table itself if all are. */
export function filtered(table: OperationNode, pass: Pass, scene: Scene): OperationNode {
  const scopes = scopesOf(table, pass, scene)
  const condition = both(undefined, scopes)
  if (condition === undefined) return table
  const select: SelectQueryNode = {
    ...SelectQueryNode.createFrom([table]),
    selections: [SelectionNode.create(SelectAllNode.create())],
    where: WhereNode.create(condition),
  }
  const { name } = sourceOf(table, pass.models, scene.hidden)
  return AliasNode.create(select, IdentifierNode.create(name))
}

function scopesOf(table: OperationNode, pass: Pass, scene: Scene): OperationNode[] {
  const { model, name } = sourceOf(table, pass.models, scene.hidden)
  return model === undefined ? [] : pass.scopesOf(model, name, scene)
}

function joined(join: JoinNode, table: OperationNode, scopes: readonly OperationNode[]): JoinNode {
  const condition = both(join.on?.on, scopes)
  if (table === join.table && condition === join.on?.on) return join
  return { ...join, table, ...(condition && { on: OnNode.create(condition) }) }
}
