import type { AliasNode, OperationNode, SelectQueryNode, TableNode } from 'kysely'
import { type Attached, attach, type Expansion } from '../engine/rewriter.ts'
import { UsageError } from '../errors/usage-error.ts'
import type { ColumnDefinition } from '../model/column.ts'
import type { Model } from '../model/model.ts'
import { unscopedLike, withoutMarks } from '../rewrite/marks.ts'
import { Aliases, aggregateOf, bodyOf } from './edge-body.ts'
import type { EdgeNode } from './edge-node.ts'
import { keyMissing } from './landed.ts'
import type { Links } from './link.ts'
import { LoadNode, type LoadRoot, loadNodeOf } from './load-node.ts'
import { withoutLoad } from './load-plan.ts'
import { isClosed, isStar, outputNames } from './main-query.ts'
import { joinsOf } from './scope.ts'
import {
  allEqual,
  call,
  cast,
  columnOf,
  literal,
  named,
  selection,
  selectOf,
  unary,
} from './select-nodes.ts'

/** A query that gives the rows of another one, with its edges, as one text. */
export function jsonQuery(links: Links, query: SelectQueryNode): SelectQueryNode {
  const load = loadNodeOf(query) ?? new LoadNode([])
  return attach(withoutLoad(query), new JsonNode(links, load.roots))
}

/** What makes one JSON text of the rows of a query. */
class JsonNode implements Attached {
  readonly kind = 'AquiferJsonNode' as never
  readonly loaders: number
  readonly roots: readonly LoadRoot[]
  readonly #links: Links

  constructor(links: Links, roots: readonly LoadRoot[]) {
    this.loaders = links.id
    this.roots = roots
    this.#links = links
  }

  expand(query: SelectQueryNode): Expansion {
    const plain = withoutMarks(withoutLoad(query))
    const node = unscopedLike(new JsonWriter(this.#links, plain).write(this.roots), query)
    return {
      parts: [
        {
          node,
          read:
            () =>
            ([text]) =>
              text,
        },
      ],
    }
  }

  expandForStream(): never {
    throw new UsageError('LOAD_JSON', 'a JSON text comes as a whole and is not streamed')
  }
}

/** One item of a JSON object. */
type Item = readonly [name: string, value: OperationNode]

/** Functions take no more than 100 arguments. */
const MOST_ITEMS = 50
const ROWS = 'aq0'

class JsonWriter {
  readonly #links: Links
  readonly #query: SelectQueryNode
  readonly #aliases = new Aliases()
  /** Keys that the query does not show. */
  readonly #hidden = new Map<string, OperationNode>()

  constructor(links: Links, query: SelectQueryNode) {
    this.#links = links
    this.#query = query
  }

  write(roots: readonly LoadRoot[]): SelectQueryNode {
    const shown = this.#shown()
    const names = new Set(shown.map(([name]) => name))
    const edges = roots.flatMap(({ edges: asked, alias }) => {
      const column = (name: string) => this.#key(names, alias, name)
      return this.#edges(asked, column)
    })
    const object = objectOf([...shown, ...edges])
    const { with: ctes, ...inner } = this.#query
    const hidden = [...this.#hidden].map(([name, node]) => selection(named(node, name)))
    const rows = { ...inner, selections: [...(inner.selections ?? []), ...hidden] }
    return {
      ...selectOf({ from: named(rows, ROWS), select: [listOf(object)] }),
      ...(ctes && { with: ctes }),
    }
  }

  /** The columns of the query itself. */
  #shown(): Item[] {
    const { selections = [] } = this.#query
    const names = outputNames(this.#query)
    return selections.flatMap(({ selection: one }, at) => {
      if (isStar(one)) return this.#allOf(one)
      const name = names[at]
      if (name === undefined) {
        throw new UsageError(
          'LOAD_JSON',
          'a column of the query has no name: give it one with as()',
        )
      }
      return [[name, safe(columnOf(ROWS, name), this.#definitionOf(one))] as const]
    })
  }

  #allOf(star: OperationNode): Item[] {
    const table = (star as { table?: TableNode }).table?.table.identifier.name
    const sources = this.#sources().filter(([name]) => table === undefined || name === table)
    return sources.flatMap(([, model]) => {
      if (model === undefined) {
        throw new UsageError(
          'LOAD_JSON',
          'the query selects all columns of something that is no model: name the columns',
        )
      }
      return Object.entries(model.columns).map(
        ([name, { definition }]) => [name, safe(columnOf(ROWS, name), definition)] as const,
      )
    })
  }

  #definitionOf(selected: OperationNode): ColumnDefinition | undefined {
    const node = selected.kind === 'AliasNode' ? (selected as AliasNode).node : selected
    if (node.kind !== 'ReferenceNode') return undefined
    const { table, column } = node as unknown as {
      table?: TableNode
      column: { column?: { name: string } }
    }
    const wanted = table?.table.identifier.name
    const name = column.column?.name ?? ''
    for (const [source, model] of this.#sources()) {
      if (wanted !== undefined && source !== wanted) continue
      const found = model?.columns[name]
      if (found !== undefined) return found.definition
    }
    return undefined
  }

  /** What the query reads, by its names there. */
  #sources(): [string, Model | undefined][] {
    const { from, joins = [] } = this.#query
    const nodes = [...(from?.froms ?? []), ...joins.map(({ table }) => table)]
    return nodes.map((node) => {
      const { node: inner, alias } =
        node.kind === 'AliasNode' ? (node as AliasNode) : { node, alias: node }
      const model =
        inner.kind === 'TableNode' ? (inner as TableNode).table.identifier.name : undefined
      const name = (alias as { name?: string }).name ?? model ?? ''
      return [name, model === undefined ? undefined : this.#links.find(model)]
    })
  }

  #key(shown: ReadonlySet<string>, alias: string, name: string): OperationNode {
    if (shown.has(name)) return columnOf(ROWS, name)
    if (isClosed(this.#query)) throw keyMissing(name)
    this.#hidden.set(`$${alias}$${name}`, columnOf(alias, name))
    return columnOf(ROWS, `$${alias}$${name}`)
  }

  #edges(edges: readonly EdgeNode[], parent: (name: string) => OperationNode): Item[] {
    return edges
      .filter(({ strategy }) => strategy !== 'raise')
      .map((edge) => [edge.as, this.#edge(edge, parent)] as const)
  }

  #edge(edge: EdgeNode, parent: (name: string) => OperationNode): OperationNode {
    const { link, fn } = edge
    const body = bodyOf(edge, this.#aliases)
    const { from, orderBy } = body
    const where = [allEqual(body.link, link.own.map(parent))]
    const clauses = { from, joins: joinsOf(body), where }
    if (fn === 'exists') return unary('exists', selectOf({ ...clauses, select: [literal(1)] }))
    if (fn !== undefined) {
      const value = selectOf({ ...clauses, select: [aggregateOf(edge, body)] })
      const of =
        edge.column === undefined ? undefined : link.target.columns[edge.column]?.definition
      return fn === 'sum' ? cast(value, 'text') : fn === 'count' ? value : safe(value, of)
    }
    const { columns } = link.target
    const names =
      edge.columns ??
      Object.keys(columns).filter((name) => columns[name]?.definition.hidden !== true)
    const pivots = (edge.pivot ?? []).map(
      (name) =>
        [name, safe(body.pivot(name), link.through?.model.columns[name]?.definition)] as const,
    )
    const object = objectOf([
      ...names.map((name) => [name, safe(body.column(name), columns[name]?.definition)] as const),
      ...(edge.pivot === undefined ? [] : [['pivot', objectOf(pivots)] as const]),
      ...this.#edges(edge.edges, body.column),
    ])
    if (!edge.isList) return selectOf({ ...clauses, select: [object], orderBy, limit: 1 })
    const rows = selectOf({
      ...clauses,
      select: [named(object, 'row')],
      orderBy,
      limit: edge.limit,
    })
    const alias = this.#aliases.next()
    return selectOf({ from: named(rows, alias), select: [listOf(columnOf(alias, 'row'))] })
  }
}

function listOf(row: OperationNode): OperationNode {
  return call('coalesce', call('json_agg', row), literal('[]'))
}

function objectOf(items: readonly Item[]): OperationNode {
  const build = (some: readonly Item[]) =>
    call('json_build_object', ...some.flatMap(([name, value]) => [literal(name), value]))
  if (items.length <= MOST_ITEMS) return build(items)
  let whole = cast(build(items.slice(0, MOST_ITEMS)), 'jsonb')
  for (let at = MOST_ITEMS; at < items.length; at += MOST_ITEMS)
    whole = call('jsonb_concat', whole, cast(build(items.slice(at, at + MOST_ITEMS)), 'jsonb'))
  return whole
}

/** Numbers that JSON's would lose digits of are texts. */
function safe(node: OperationNode, definition: ColumnDefinition | undefined): OperationNode {
  const [, , list = ''] =
    /^(bigint|int8|numeric|decimal)[^[]*(\[\])?/.exec(definition?.type ?? '') ?? []
  const isLarge = /^(bigint|int8|numeric|decimal)/.test(definition?.type ?? '')
  return isLarge ? cast(node, `text${list}`) : node
}
