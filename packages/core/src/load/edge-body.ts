import { JoinNode, type OperationNode, TableNode } from 'kysely'
import type { Model } from '../model/model.ts'
import type { AnyOrder, EdgeNode } from './edge-node.ts'
import type { Link } from './link.ts'
import {
  aggregate,
  allEqual,
  columnOf,
  everyColumnOf,
  named,
  type Order,
  selectOf,
  tableNamed,
} from './select-nodes.ts'

/** Gives out names for what stands in the queries of one plan. */
export class Aliases {
  #last = 0

  next(): string {
    this.#last += 1
    return `aq${this.#last}`
  }
}

/** What the rows of an edge come from. */
export interface EdgeBody {
  readonly from: OperationNode
  readonly joins: (JoinNode | undefined)[]
  /** What is equal to the key of the parent. */
  readonly link: readonly OperationNode[]
  readonly orderBy: readonly Order[]
  /** A column of the target. */
  column(name: string): OperationNode
  /** A column of the model between. */
  pivot(name: string): OperationNode
}

/** The source of an edge's rows, without what ties it to its parents. */
export function bodyOf({ link, where, orderBy }: EdgeNode, aliases: Aliases): EdgeBody {
  return linkBody(link, aliases, { where, orderBy })
}

/** The source of a relation's rows that meet a condition. */
export function linkBody(
  { target, through, foreign }: Link,
  aliases: Aliases,
  { where, orderBy = [] }: Pick<EdgeNode, 'where' | 'orderBy'>,
): EdgeBody {
  const alias = aliases.next()
  const column = (name: string) => columnOf(alias, name)
  const from = where === undefined ? tableNamed(target.name, alias) : filtered(target, where, alias)
  const order = [
    ...orderBy.map((item) => orderOf(item, column)),
    ...keyOrder(target, column, orderBy),
  ]
  if (through === undefined) {
    const pivot = (name: string): never => {
      throw new Error(`no model stands between for ${name}`)
    }
    return { from, joins: [], link: foreign.map(column), orderBy: order, column, pivot }
  }
  const { model, to, target: key } = through
  const between = aliases.next()
  const pivot = (name: string) => columnOf(between, name)
  const on = allEqual(key.map(column), to.map(pivot))
  return {
    from,
    joins: [JoinNode.createWithOn('InnerJoin', tableNamed(model.name, between), on)],
    link: foreign.map(pivot),
    orderBy: [...order, ...keyOrder(model, pivot, [])],
    column,
    pivot,
  }
}

/** What an aggregate edge computes over its body. */
export function aggregateOf({ fn, column: of }: EdgeNode, body: EdgeBody): OperationNode {
  const over = of === undefined ? undefined : body.column(of)
  return aggregate(fn === 'exists' || fn === undefined ? 'count' : fn, over)
}

/** The rows of a model under their own name inside of the condition, and under the alias outside of it. */
function filtered({ name, columns }: Model, where: OperationNode, alias: string): OperationNode {
  const isPlain = Object.values(columns).every(({ definition }) => definition.name === undefined)
  const select = isPlain
    ? [everyColumnOf(name)]
    : Object.keys(columns).map((column) => named(columnOf(name, column), column))
  return named(selectOf({ from: TableNode.create(name), where: [where], select }), alias)
}

function orderOf(item: AnyOrder, column: EdgeBody['column']): Order {
  const [name, direction = 'asc', nulls] = typeof item === 'string' ? [item] : item
  const side = nulls === undefined ? undefined : nulls === 'nulls first' ? 'first' : 'last'
  return { by: column(name), direction, nulls: side }
}

/** Rows that are equal otherwise come in the order of their primary key, from every strategy. */
function keyOrder(
  { primaryKey }: Model,
  column: EdgeBody['column'],
  before: readonly AnyOrder[],
): Order[] {
  const named = new Set(before.map((item) => (typeof item === 'string' ? item : item[0])))
  return primaryKey
    .filter((name) => !named.has(name))
    .map((name) => ({ by: column(name), direction: 'asc' }))
}
