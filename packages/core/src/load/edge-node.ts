import { type Expression, expressionBuilder, type OperationNode } from 'kysely'
import { UsageError } from '../errors/usage-error.ts'
import type { Model } from '../model/model.ts'
import { Aggregate, type AggregateFunction } from './aggregate.ts'
import type { Link, Links } from './link.ts'
import { isStable } from './volatility.ts'

/** How an edge was asked to be loaded. */
export type AskedStrategy = 'auto' | 'lateral' | 'selectin' | 'joined' | 'raise'

/** An entry of `orderBy` as it is written. */
export type AnyOrder =
  | string
  | readonly [string, ('asc' | 'desc')?, ('nulls first' | 'nulls last')?]

/** What is asked of one edge, without its types. */
export interface AnyEdgeOptions {
  readonly columns?: readonly string[]
  readonly pivot?: readonly string[]
  readonly where?: (builder: never) => Expression<unknown>
  readonly orderBy?: readonly AnyOrder[]
  readonly limit?: number
  readonly strategy?: AskedStrategy
  readonly load?: AnySpec
}

/** A load as it is written, without its types. */
export type AnySpec = Readonly<
  Record<string, true | AskedStrategy | AnyEdgeOptions | Aggregate<string, unknown>>
>

/** One asked edge, as a node of the query's tree: what is in its fields is a part of the query's shape. */
export class EdgeNode implements OperationNode {
  readonly kind = 'AquiferEdgeNode' as never
  /** Under which name the rows are found. */
  readonly as: string
  readonly relation: string
  readonly strategy: AskedStrategy
  readonly columns: readonly string[] | undefined
  readonly pivot: readonly string[] | undefined
  readonly where: OperationNode | undefined
  readonly orderBy: readonly AnyOrder[] | undefined
  readonly limit: number | undefined
  readonly fn: AggregateFunction | undefined
  /** What is aggregated. */
  readonly column: string | undefined
  readonly edges: readonly EdgeNode[]
  readonly #link: Link

  constructor(as: string, link: Link, asked: AnyEdgeOptions, rest: EdgeRest) {
    this.as = as
    this.relation = link.relation
    this.strategy = asked.strategy ?? 'auto'
    this.columns = asked.columns
    this.pivot = asked.pivot
    this.where = rest.where
    this.orderBy = asked.orderBy
    this.limit = asked.limit
    this.fn = rest.fn
    this.column = rest.column
    this.edges = rest.edges
    this.#link = link
  }

  get link(): Link {
    return this.#link
  }

  /** Whether a parent has several of them. */
  get isList(): boolean {
    return this.#link.many && this.fn === undefined
  }

  /** What stands for a single row or value that is not there. */
  get empty(): unknown {
    if (this.fn === 'count') return 0
    return this.fn === 'exists' ? false : null
  }

  /** Whether a parent can have no more than one row of it, by the target's primary key. */
  get isUnique(): boolean {
    const { kind, foreign, target } = this.#link
    const { primaryKey } = target
    const isWhole = primaryKey.length > 0 && primaryKey.every((name) => foreign.includes(name))
    return kind === 'belongsTo' && isWhole
  }

  /** Why two statements may find different rows of it; undefined if they cannot. */
  get unrepeatable(): string | undefined {
    if (this.where !== undefined && !isStable(this.where))
      return 'its condition may come out differently the next time'
    if (this.limit === undefined || this.#link.target.primaryKey.length > 0) return undefined
    return 'its rows have a limit, and no primary key that would put them in order'
  }
}

interface EdgeRest {
  readonly where: OperationNode | undefined
  readonly edges: readonly EdgeNode[]
  readonly fn?: AggregateFunction | undefined
  readonly column?: string | undefined
}

/**
 * The nodes of a load.
 *
 * @throws {UsageError} `LOAD_RELATION`, `LOAD_COLUMN`, `LOAD_LIMIT`, `LOAD_STRATEGY`
 */
export function edgesOf(links: Links, model: string, spec: AnySpec): readonly EdgeNode[] {
  return Object.entries(spec).map(([as, asked]) => edgeOf(links, model, as, asked))
}

function edgeOf(links: Links, model: string, as: string, asked: AnySpec[string]): EdgeNode {
  if (asked instanceof Aggregate) return aggregateEdge(links, model, as, asked)
  const link = links.link(model, as)
  const options = optionsOf(asked)
  assertFits(link, options)
  const { target } = link
  const edges = options.load === undefined ? [] : edgesOf(links, target.name, options.load)
  return new EdgeNode(as, link, options, { where: filterOf(options.where), edges })
}

function aggregateEdge(
  links: Links,
  model: string,
  as: string,
  { fn, of, options }: Aggregate<string, unknown>,
): EdgeNode {
  const { relation, column } = of
  if (of.model !== model) {
    throw new UsageError(
      'LOAD_MODEL',
      `${as} is the ${fn} of ${relation} of model ${of.model}, but stands among the edges of ${model}`,
    )
  }
  const link = links.link(model, relation)
  if (column !== undefined) assertColumn(link.target, column, link)
  if (as in links.model(model).relations || as in links.model(model).columns) {
    throw new UsageError(
      'LOAD_RELATION',
      `${as} is a column or a relation of model ${model}: give the ${fn} of ${relation} another name`,
    )
  }
  const { where, strategy = 'auto' } = options
  return new EdgeNode(as, link, { strategy }, { where: filterOf(where), edges: [], fn, column })
}

function optionsOf(asked: Exclude<AnySpec[string], Aggregate<string, unknown>>) {
  if (asked === true) return {}
  return typeof asked === 'string' ? { strategy: asked } : asked
}

function assertFits(link: Link, options: AnyEdgeOptions): void {
  const { columns = [], pivot = [], orderBy = [], limit, strategy } = options
  const { target, through, relation, source } = link
  const where = `relation ${relation} of model ${source.name}`
  for (const column of columns) assertColumn(target, column, link)
  for (const item of orderBy) assertColumn(target, typeof item === 'string' ? item : item[0], link)
  for (const column of pivot) {
    if (through === undefined)
      throw new UsageError('LOAD_COLUMN', `${where} has no model between that pivot columns are of`)
    assertColumn(through.model, column, link)
  }
  if (limit !== undefined && !(link.many && Number.isSafeInteger(limit) && limit >= 0)) {
    throw new UsageError(
      'LOAD_LIMIT',
      link.many
        ? `the limit of ${where} must be a whole number from 0, got ${limit}`
        : `${where} leads to one row, which has no limit`,
    )
  }
  if (strategy === 'joined' && link.many) {
    throw new UsageError(
      'LOAD_STRATEGY',
      `${where} leads to many rows, which a join would multiply: use lateral or selectin`,
    )
  }
}

function assertColumn(model: Model, column: string, { relation, source }: Link): void {
  if (Object.hasOwn(model.columns, column)) return
  throw new UsageError(
    'LOAD_COLUMN',
    `relation ${relation} of model ${source.name} was asked for ${column}, which is no column of ${model.name}`,
  )
}

/** What a filter says, as a node. */
export function filterOf(where: AnyEdgeOptions['where']): OperationNode | undefined {
  return where?.(expressionBuilder() as never).toOperationNode()
}
