import type {
  AggregateFunctionNode,
  AliasNode,
  ColumnNode,
  FunctionNode,
  IdentifierNode,
  OperationNode,
  ParensNode,
  ReferenceNode,
  SelectionNode,
  SetOperationNode,
  TableNode,
  WithNode,
} from 'kysely'
import { ArrayCodec } from '../codec/array.ts'
import type { Codec } from '../codec/codec.ts'
import type { Model } from '../model/model.ts'
import { type Item, type Output, Scope, type Visible } from './scope.ts'
import { ctesOf, isQuery, type ModelsByName, type Source, sourcesOf } from './sources.ts'

/** What is known where a node stands. */
export interface Surroundings {
  readonly models: ModelsByName
  readonly ctes: ReadonlyMap<string, Output>
  /** The scope of the query around it. */
  readonly scope: Scope
}

/** Around the root of a query. */
export function outside(models: ModelsByName): Surroundings {
  return { models, ctes: new Map(), scope: new Scope([], undefined) }
}

/** A CTE of a query, and what is known where it stands. */
export interface SurroundedCte {
  readonly expression: OperationNode
  readonly around: Surroundings
}

/** What is known inside of a query, and where each of its CTEs stands. */
export function enter(
  query: OperationNode,
  outer: Surroundings,
): { inside: Surroundings; ctes: readonly SurroundedCte[] } {
  const { with: clause } = query as QueryLike
  const names = ctesOf(query)
  const ctes: SurroundedCte[] = []
  let around = outer
  for (const [at, { name, expression }] of (clause?.expressions ?? []).entries()) {
    const named = (known: Surroundings, output: Output) =>
      withCte(known, names[at] ?? '', renamed(output, name.columns))
    const itself =
      clause?.recursive === true
        ? named(around, outputOf(nonRecursive(expression), around))
        : around
    ctes.push({ expression, around: itself })
    around = named(around, outputOf(expression, itself))
  }
  return { inside: { ...around, scope: scopeOf(query, around) }, ctes }
}

/** The columns that a query gives. */
export function outputOf(node: OperationNode, outer: Surroundings): Output {
  if (node.kind === 'ParensNode') return outputOf((node as ParensNode).node, outer)
  if (!isQuery(node)) return UNKNOWN
  const { inside } = enter(node, outer)
  const { selections, returning, setOperations = [] } = node as QueryLike
  const own = (selections ?? returning?.selections ?? []).map((one) => selected(one, inside))
  const others = setOperations.map(({ expression }) => outputOf(expression, inside))
  return others.reduce(united, joined(own))
}

/** The codec of what an expression gives: of a column, of a subquery with one, or of a function that gives one of its arguments. */
export function codecOf(node: OperationNode, around: Surroundings): Codec | undefined {
  switch (node.kind) {
    case 'ParensNode':
      return codecOf((node as ParensNode).node, around)
    case 'SelectQueryNode': {
      const { items, open } = outputOf(node, around)
      return !open && items.length === 1 ? items[0]?.codec : undefined
    }
    case 'AggregateFunctionNode': {
      const { func, aggregated } = node as AggregateFunctionNode
      return func === 'min' || func === 'max' ? common(aggregated, around) : undefined
    }
    case 'FunctionNode': {
      const { func, arguments: given } = node as FunctionNode
      return func === 'coalesce' ? common(given, around) : undefined
    }
    default:
      return around.scope.codecOf(node)
  }
}

/** Whether two codecs read the same. */
function readAlike(one: Codec | undefined, other: Codec | undefined): boolean {
  return one === other || (one instanceof ArrayCodec && other !== undefined && one.isLike(other))
}

/** The clauses of a query that say what it gives, whatever its kind. */
interface QueryLike extends OperationNode {
  readonly selections?: readonly SelectionNode[]
  readonly returning?: { readonly selections: readonly SelectionNode[] }
  readonly setOperations?: readonly SetOperationNode[]
  readonly with?: WithNode
}

const UNKNOWN: Output = { items: [], open: true, ofStar: true }

function scopeOf(query: OperationNode, around: Surroundings): Scope {
  const hidden = new Set(around.ctes.keys())
  const visible: Visible[] = []
  for (const source of sourcesOf(query, around.models, hidden)) {
    // A lateral subquery sees what stands before it; another cannot name it.
    const beside = { ...around, scope: new Scope([...visible], around.scope) }
    visible.push({ name: source.name, ...outputOfSource(source, beside) })
  }
  const [written] = query.kind === 'SelectQueryNode' ? [] : visible
  const asides = written === undefined ? [] : ['excluded', 'old', 'new']
  const aside = asides.map((name) => ({ ...(written as Visible), name, aside: true }))
  return new Scope([...visible, ...aside], around.scope)
}

function outputOfSource({ node, model }: Source, around: Surroundings): Output {
  if (model !== undefined) return outputOfModel(model)
  const inner = node.kind === 'AliasNode' ? (node as AliasNode).node : node
  if (inner.kind !== 'TableNode') return outputOf(inner, around)
  const { schema, identifier } = (inner as TableNode).table
  return (schema === undefined ? around.ctes.get(identifier.name) : undefined) ?? UNKNOWN
}

function outputOfModel({ columns }: Model): Output {
  const items = Object.entries(columns).map(([name, column]) => ({
    name,
    codec: column.definition.codec,
  }))
  return { items, open: false, ofStar: true }
}

function selected({ selection }: SelectionNode, inside: Surroundings): Output {
  const { scope } = inside
  if (selection.kind === 'SelectAllNode') return starOf(scope.sources)
  if (selection.kind === 'ReferenceNode') {
    const { column, table } = selection as ReferenceNode
    if (column.kind === 'ColumnNode') return single(column.column.name, scope.codecOf(selection))
    const source = table && scope.named(table.table.identifier.name)
    return source === undefined ? UNKNOWN : starOf([source])
  }
  if (selection.kind === 'ColumnNode') {
    const { name } = (selection as ColumnNode).column
    return single(name, scope.codecOf(selection))
  }
  if (selection.kind !== 'AliasNode') return UNKNOWN
  const { alias, node } = selection as AliasNode
  if (alias.kind !== 'IdentifierNode') return UNKNOWN
  return single((alias as IdentifierNode).name, codecOf(node, inside))
}

function starOf(sources: readonly Visible[]): Output {
  return { ...joined(sources.filter(({ aside }) => aside !== true)), ofStar: true }
}

function single(name: string, codec: Codec | undefined): Output {
  return { items: [{ name, codec }], open: false, ofStar: false }
}

function joined(outputs: readonly Output[]): Output {
  return {
    items: outputs.flatMap(({ items }) => items),
    open: outputs.some(({ open }) => open),
    ofStar: outputs.some(({ ofStar }) => ofStar),
  }
}

/** The columns of a set operation are those of its first query; each is read so only if all of its queries agree. */
function united(one: Output, other: Output): Output {
  const open = one.open || other.open
  const ofStar = one.ofStar || other.ofStar
  const isSame = (item: Item, at: number) =>
    readAlike(item.codec, other.items[at]?.codec) &&
    (!ofStar || item.name === other.items[at]?.name)
  const isCertain =
    one.items.length === other.items.length && (!ofStar || one.items.every(isSame)) && !open
  const items = one.items.map((item, at) =>
    isCertain && isSame(item, at) ? item : { name: item.name, codec: undefined },
  )
  return { items, open, ofStar }
}

function renamed(output: Output, columns: readonly ColumnNode[] | undefined): Output {
  if (columns === undefined) return output
  const isCertain = !output.ofStar && output.items.length === columns.length
  const items = columns.map(({ column: { name } }, at) => ({
    name,
    codec: isCertain ? output.items[at]?.codec : undefined,
  }))
  return { items, open: false, ofStar: false }
}

/** What a recursive CTE begins with. */
function nonRecursive(expression: OperationNode): OperationNode {
  const { setOperations: _recursive, ...first } = expression as QueryLike
  return first
}

function withCte(around: Surroundings, name: string, output: Output): Surroundings {
  return { ...around, ctes: new Map([...around.ctes, [name, output]]) }
}

/** The one codec of all arguments that are not values. */
function common(given: readonly OperationNode[], around: Surroundings): Codec | undefined {
  const [first, ...others] = given
    .filter(({ kind }) => kind !== 'ValueNode')
    .map((node) => codecOf(node, around))
  return others.every((other) => readAlike(first, other)) ? first : undefined
}
