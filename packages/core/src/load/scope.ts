import {
  JoinNode,
  type OperationNode,
  SelectModifierNode,
  type SelectQueryNode,
  type ValueNode,
} from 'kysely'
import type { Model } from '../model/model.ts'
import { type Aliases, bodyOf, type EdgeBody } from './edge-body.ts'
import type { EdgeNode } from './edge-node.ts'
import {
  allEqual,
  call,
  cast,
  columnOf,
  compare,
  literal,
  named,
  renamed,
  selection as selectionOf,
  selectOf,
  tupleOf,
  unnamed,
} from './select-nodes.ts'

/** Rows of which others are loaded: how a query that is being built names their columns, and another one finds their keys. */
export interface Scope {
  readonly model: Model
  /** They are of a query with a limit. */
  readonly cut: boolean
  /** A column of such a row. */
  column(name: string): OperationNode
  /** What tells the column apart from all others. */
  identity(name: string): string | undefined
  /** Whether these expressions are equal to the key `own` of one of the rows. */
  holds(expressions: readonly OperationNode[], own: readonly string[]): OperationNode
  /** The distinct keys, as something to select from, with the columns k0, k1 and so on. */
  keyTable(own: readonly string[], alias: string): OperationNode
}

/** The names of the columns of a key table. */
function keyColumns(own: readonly string[], alias: string): OperationNode[] {
  return own.map((_, at) => columnOf(alias, `k${at}`))
}

/** Keys that another select tells. */
abstract class AskedScope implements Scope {
  abstract readonly cut: boolean
  abstract readonly model: Model
  abstract column(name: string): OperationNode
  abstract identity(name: string): string | undefined
  /** A select of the keys. */
  protected abstract keys(own: readonly string[]): SelectQueryNode

  holds(expressions: readonly OperationNode[], own: readonly string[]): OperationNode {
    const keys = this.keys(own)
    return compare(tupleOf(expressions), 'in', this.cut && own.length === 1 ? gathered(keys) : keys)
  }

  keyTable(own: readonly string[], alias: string): OperationNode {
    const keys = this.keys(own)
    const selections = (keys.selections ?? []).map(({ selection }, at) =>
      named(selection, `k${at}`),
    )
    const frontModifiers = [SelectModifierNode.create('Distinct')]
    const { selections: _plain, orderBy, ...rest } = keys
    // With a limit the order decides which keys there are, and DISTINCT would want it among them.
    if (keys.limit !== undefined || keys.offset !== undefined) {
      const inner = {
        ...rest,
        ...(orderBy && { orderBy }),
        selections: selections.map(selectionOf),
      }
      const from = named(inner as SelectQueryNode, `${alias}k`)
      const select = own.map((_, at) => columnOf(`${alias}k`, `k${at}`))
      return named({ ...selectOf({ from, select }), frontModifiers } as SelectQueryNode, alias)
    }
    const distinct = { ...rest, frontModifiers, selections: selections.map(selectionOf) }
    return named(distinct as SelectQueryNode, alias)
  }
}

/** Keys that are found first, so that few of them are looked up by an index: of a limit that is a parameter the planner knows nothing. */
function gathered(keys: SelectQueryNode): SelectQueryNode {
  const selections = [selectionOf(call('unnest', call('array', keys)))]
  return Object.freeze({ kind: 'SelectQueryNode' as const, selections })
}

/** The rows of the query that a load is attached to. */
export class QueryScope extends AskedScope {
  readonly model: Model
  readonly #alias: string
  readonly #query: SelectQueryNode | undefined

  /** @param query the query without its select list; undefined if it cannot be asked again */
  constructor(model: Model, alias: string, query: SelectQueryNode | undefined) {
    super()
    this.model = model
    this.#alias = alias
    this.#query = query
  }

  get cut(): boolean {
    return this.#query?.limit !== undefined
  }

  column(name: string): OperationNode {
    return columnOf(this.#alias, name)
  }

  identity(name: string): string {
    return `${this.#alias}.${name}`
  }

  protected keys(own: readonly string[]): SelectQueryNode {
    if (this.#query === undefined) throw new Error('the query cannot be asked again')
    const selections = own.map((name) => selectionOf(this.column(name)))
    return { ...this.#query, selections }
  }
}

/** The rows of an edge. */
export class EdgeScope extends AskedScope {
  readonly model: Model
  readonly #edge: EdgeNode
  readonly #parents: Scope
  readonly #aliases: Aliases
  readonly #column: (name: string) => OperationNode
  readonly #identity: string

  /** @param column how the query that is being built names a column of its rows */
  constructor(
    edge: EdgeNode,
    parents: Scope,
    { aliases, column }: { aliases: Aliases; column: (name: string) => OperationNode },
  ) {
    super()
    this.model = edge.link.target
    this.#edge = edge
    this.#parents = parents
    this.#aliases = aliases
    this.#column = column
    this.#identity = aliases.next()
  }

  get cut(): boolean {
    return this.#parents.cut
  }

  column(name: string): OperationNode {
    return this.#column(name)
  }

  identity(name: string): string {
    return `${this.#identity}.${name}`
  }

  protected keys(own: readonly string[]): SelectQueryNode {
    const body = bodyOf(this.#edge, this.#aliases)
    const select = own.map((name) => body.column(name))
    return edgeSelect({
      edge: this.#edge,
      body,
      parents: this.#parents,
      select,
      aliases: this.#aliases,
    })
  }
}

/** What a select of an edge's rows for all parents at once consists of. */
export interface EdgeSelect {
  readonly edge: EdgeNode
  readonly body: EdgeBody
  readonly parents: Scope
  readonly select: readonly OperationNode[]
  readonly aliases: Aliases
  /** In the order of the edge. */
  readonly ordered?: boolean
  readonly groupBy?: readonly OperationNode[]
}

/** The rows of an edge for all parents; with a limit each parent brings no more than that. */
export function edgeSelect(asked: EdgeSelect): SelectQueryNode {
  const { edge, body, parents, select, aliases, ordered = false, groupBy = [] } = asked
  const { link, limit } = edge
  const { from, orderBy } = body
  const joins = joinsOf(body)
  if (limit === undefined) {
    const where = [parents.holds(body.link, link.own)]
    return selectOf({ from, joins, where, select, groupBy, orderBy: ordered ? orderBy : [] })
  }
  const keys = aliases.next()
  const rows = aliases.next()
  const where = [allEqual(body.link, keyColumns(link.own, keys))]
  const names = select.map((_, at) => `$${at}`)
  const cells = select.map((node, at) => named(unnamed(node), names[at] as string))
  const orders = ordered ? orderBy.map(({ by }, at) => named(by, `$o${at}`)) : []
  const each = selectOf({ from, joins, where, select: [...cells, ...orders], orderBy, limit })
  const outer = orderBy.map((order, at) => ({ ...order, by: columnOf(rows, `$o${at}`) }))
  return selectOf({
    from: parents.keyTable(link.own, keys),
    joins: [JoinNode.createWithOn('LateralInnerJoin', named(each, rows), literal(true))],
    select: select.map((node, at) => renamed(node, columnOf(rows, names[at] as string))),
    orderBy: ordered ? outer : [],
  })
}

/** The joins of a body; each was filled in when it was complete. */
export function joinsOf({ joins }: EdgeBody): JoinNode[] {
  return joins.filter((join) => join !== undefined)
}

/** Keys in hand: one array for each of their columns. */
export class ArrayScope implements Scope {
  readonly model: Model
  readonly cut = false
  readonly #arrays: ReadonlyMap<string, ValueNode>

  constructor(model: Model, arrays: ReadonlyMap<string, ValueNode>) {
    this.model = model
    this.#arrays = arrays
  }

  column(name: string): never {
    throw new Error(`rows in hand are in no query, nor is their ${name}`)
  }

  identity(): undefined {
    return undefined
  }

  holds(expressions: readonly OperationNode[], own: readonly string[]): OperationNode {
    if (own.length === 1)
      return compare(tupleOf(expressions), '=', call('any', this.#array(own[0] as string)))
    return compare(tupleOf(expressions), 'in', this.#rows(own))
  }

  keyTable(own: readonly string[], alias: string): OperationNode {
    return named(this.#rows(own), alias)
  }

  /** Arrays of one length are unnested side by side. */
  #rows(own: readonly string[]): SelectQueryNode {
    const selections = own.map((name, at) =>
      selectionOf(named(call('unnest', this.#array(name)), `k${at}`)),
    )
    return Object.freeze({ kind: 'SelectQueryNode' as const, selections })
  }

  #array(name: string): OperationNode {
    const type = this.model.columns[name]?.definition.type ?? 'text'
    const array = `${type.replace(/\s*\([^)]*\)/, '')}[]`
    return cast(this.#arrays.get(name) as ValueNode, array)
  }
}
