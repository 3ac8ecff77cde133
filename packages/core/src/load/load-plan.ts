import type { JoinNode, OperationNode, SelectQueryNode } from 'kysely'
import { UsageError } from '../errors/usage-error.ts'
import type { Model } from '../model/model.ts'
import { unscopedLike, withoutMarks } from '../rewrite/marks.ts'
import type { Level } from './choose-strategy.ts'
import type { EdgeNode } from './edge-node.ts'
import { type Besides, keyMissing } from './landed.ts'
import { cteNames, isClosed, isStar, outputNames, sourceNames, unrepeatable } from './main-query.ts'
import { Planner } from './planner.ts'
import { QueryScope } from './scope.ts'
import { everyColumnOf, named, selection } from './select-nodes.ts'
import { BesideSink } from './sink.ts'

/** Edges of one source of a query. */
export interface Root {
  readonly model: Model
  readonly alias: string
  readonly few: boolean
  readonly edges: readonly EdgeNode[]
}

/** The statements of a query with its edges. */
export interface LoadPlan {
  readonly query: SelectQueryNode
  readonly besides: Besides
  readonly planner: Planner
  /** The rows of the statement are not those of the query, but what EXPLAIN says. */
  readonly explains: boolean
}

/** The name of a query that others are selected beside of. */
const WRAPPED = 'aq0'

/**
 * Plans the statements of a query with its edges.
 *
 * @param single everything has to be in one statement
 * @throws {UsageError} `LOAD_ALIAS`, `LOAD_CTE`, `LOAD_KEY_MISSING`, `LOAD_STRATEGY`
 */
export function planLoad(
  query: SelectQueryNode,
  roots: readonly Root[],
  single: boolean,
): LoadPlan {
  const plain = withoutMarks(withoutLoad(query))
  const planner = new Planner(0)
  const closed = isClosed(plain)
  const joins: (JoinNode | undefined)[] = []
  const sink = new BesideSink((identity) => reused(plain, closed, identity))
  const shapes = roots.map((root, at) => {
    assertSource(plain, root)
    const reason = unrepeatable(plain, root.model, root.alias)
    const level: Level = {
      rows: 'query',
      few: root.few,
      unrepeatable: reason,
      locks: (plain.endModifiers ?? []).length > 0,
      single,
    }
    const scope = closed
      ? new ClosedScope(root.model, plain)
      : new QueryScope(root.model, root.alias, reason === undefined ? keysOf(plain) : undefined)
    const place = { scope, sink, joins, level, statement: 0, path: [at], names: [] }
    return planner.members(root.edges, place)
  })
  const shape = {
    members: shapes.flatMap(({ members }) => members),
    raised: shapes.flatMap(({ raised }) => raised),
  }
  const complete = joins.filter((join) => join !== undefined)
  const added = sink.selections
  const beside = { selections: added, joins: complete }
  return {
    query: unscopedLike(closed ? wrapped(plain, beside) : extended(plain, beside), query),
    besides: { shape, names: sink.names, added: added.length },
    planner,
    explains: query.explain !== undefined,
  }
}

/** The query as it was before anything was attached to it. */
export function withoutLoad(query: SelectQueryNode): SelectQueryNode {
  const { attached: _load, ...plain } = query as SelectQueryNode & { readonly attached?: unknown }
  return plain
}

/** A query whose columns can only be had by their names. */
class ClosedScope extends QueryScope {
  readonly #names: readonly (string | undefined)[]

  constructor(model: Model, query: SelectQueryNode) {
    super(model, WRAPPED, undefined)
    const { selections = [] } = query
    this.#names = selections.some(({ selection: one }) => isStar(one))
      ? [undefined]
      : outputNames(query)
  }

  override column(name: string): OperationNode {
    if (!this.#names.includes(undefined) && !this.#names.includes(name)) throw keyMissing(name)
    return super.column(name)
  }
}

/** Its rows, asked for their keys. */
function keysOf(query: SelectQueryNode): SelectQueryNode {
  const { selections: _all, explain: _explain, orderBy, ...rest } = query
  const isCut = query.limit !== undefined || query.offset !== undefined
  return isCut && orderBy !== undefined ? { ...rest, orderBy } : rest
}

/** The name of the query's own column that a key is found in; undefined if it has to be added. */
function reused(query: SelectQueryNode, closed: boolean, identity: string): string | undefined {
  const [alias, name] = identity.split('.') as [string, string]
  if (closed) return alias === WRAPPED ? name : undefined
  const [source, ...others] = sourceNames(query)
  if (source !== alias || others.length > 0) return undefined
  const { selections = [] } = query
  const holders = selections.filter(
    ({ selection: one }, at) => isStar(one) || (outputNames(query)[at] ?? name) === name,
  )
  const [holder] = holders
  if (holder === undefined || holders.length > 1) return undefined
  const isPlain = isStar(holder.selection) || holder.selection.kind === 'ReferenceNode'
  return isPlain ? name : undefined
}

interface Beside {
  readonly selections: readonly OperationNode[]
  readonly joins: readonly JoinNode[]
}

/** The query with further columns. */
function extended(query: SelectQueryNode, { selections, joins }: Beside): SelectQueryNode {
  const own = query.selections ?? []
  const all = joins.length === 0 ? own : own.flatMap((one) => starsOf(query, one))
  return {
    ...query,
    selections: [...all, ...selections.map(selection)],
    ...(joins.length > 0 && { joins: [...(query.joins ?? []), ...joins] }),
  }
}

/** What stands for all columns must not stand for those of our joins. */
function starsOf(
  query: SelectQueryNode,
  one: ReturnType<typeof selection>,
): ReturnType<typeof selection>[] {
  if (one.selection.kind !== 'SelectAllNode') return [one]
  return sourceNames(query).map((name) => {
    if (name !== undefined) return selection(everyColumnOf(name))
    throw new UsageError(
      'LOAD_ALIAS',
      'the query selects all columns of something without a name: give it an alias, or name the columns',
    )
  })
}

/** A query around the query, as a column more would change its rows. */
function wrapped(query: SelectQueryNode, { selections, joins }: Beside): SelectQueryNode {
  if (selections.length === 0 && joins.length === 0) return query
  const { with: ctes, explain, ...inner } = query
  return {
    kind: 'SelectQueryNode',
    ...(ctes && { with: ctes }),
    ...(explain && { explain }),
    from: { kind: 'FromNode', froms: [named(inner, WRAPPED)] },
    ...(joins.length > 0 && { joins }),
    selections: [everyColumnOf(WRAPPED), ...selections].map(selection),
  }
}

function assertSource(query: SelectQueryNode, { alias, model, edges }: Root): void {
  if (!sourceNames(query).includes(alias)) {
    throw new UsageError(
      'LOAD_ALIAS',
      `edges of ${model.name} are to be loaded, but the query reads nothing named ${alias}: say load('${model.name}', ..., { alias })`,
    )
  }
  const ctes = cteNames(query)
  for (const edge of edges) assertNotHidden(edge, ctes)
}

/** Inside of the statement a CTE would be read instead of the table. */
function assertNotHidden({ link, edges }: EdgeNode, ctes: readonly string[]): void {
  const { target, through } = link
  for (const name of [target.name, through?.model.name]) {
    if (name === undefined || !ctes.includes(name)) continue
    throw new UsageError(
      'LOAD_CTE',
      `a CTE of the query has the name of the model ${name}, of which an edge is loaded: give it another name`,
    )
  }
  for (const edge of edges) assertNotHidden(edge, ctes)
}
