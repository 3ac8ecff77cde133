import type {
  AliasNode,
  IdentifierNode,
  JoinNode,
  OperationNode,
  SchemableIdentifierNode,
  TableNode,
  WithNode,
} from 'kysely'
import type { Model } from '../model/model.ts'

/** The models of a database by their names in TypeScript. */
export type ModelsByName = ReadonlyMap<string, Model>

/** Something that a query reads from or writes to. */
export interface Source {
  /** The name that its columns are qualified by. */
  readonly name: string
  /** The node as it stands in the query, with its alias. */
  readonly node: OperationNode
  /** The model whose table it is; undefined for a subquery, a CTE, a function and a table without a model. */
  readonly model: Model | undefined
}

/** What the clauses of a query that name tables look like, whatever its kind. */
interface QueryLike extends OperationNode {
  readonly from?: { readonly froms: readonly OperationNode[] }
  readonly using?: { readonly tables: readonly OperationNode[] } | OperationNode
  readonly joins?: readonly { readonly table: OperationNode }[]
  readonly into?: OperationNode
  readonly table?: OperationNode
  readonly with?: WithNode
}

/** The kinds of node that have clauses of their own. */
const QUERY_KINDS = new Set([
  'SelectQueryNode',
  'InsertQueryNode',
  'UpdateQueryNode',
  'DeleteQueryNode',
  'MergeQueryNode',
])

/** Whether a node is a query, at the root of the tree or inside of it. */
export function isQuery(node: OperationNode): boolean {
  return QUERY_KINDS.has(node.kind)
}

/**
 * What a query reads from and writes to, in the order of its clauses; what is inside of subqueries is theirs.
 *
 * @param hidden names of CTEs, which hide models of the same name
 */
export function sourcesOf(
  query: OperationNode,
  models: ModelsByName,
  hidden: ReadonlySet<string>,
): Source[] {
  const { from, using, joins = [], into, table } = query as QueryLike
  const nodes = [
    ...(into ? [into] : []),
    ...(table
      ? table.kind === 'ListNode'
        ? (table as unknown as { items: OperationNode[] }).items
        : [table]
      : []),
    ...(from?.froms ?? []),
    ...(using === undefined ? [] : 'tables' in using ? using.tables : [joinedTable(using)]),
    ...joins.map((join) => join.table),
  ]
  return nodes.map((node) => sourceOf(node, models, hidden))
}

/** The names of a query's own CTEs. */
export function ctesOf(query: OperationNode): readonly string[] {
  const { with: clause } = query as QueryLike
  return (clause?.expressions ?? []).map(({ name }) => name.table.table.identifier.name)
}

/**
 * A single item of a clause that names tables.
 *
 * @param hidden names of CTEs, which hide models of the same name
 */
export function sourceOf(
  node: OperationNode,
  models: ModelsByName,
  hidden: ReadonlySet<string>,
): Source {
  if (node.kind === 'AliasNode') {
    const { alias, node: aliased } = node as AliasNode
    const { model } = sourceOf(aliased, models, hidden)
    return { name: nameOf(alias), node, model }
  }
  if (node.kind !== 'TableNode') return { name: '', node, model: undefined }
  const { schema, identifier } = (node as TableNode).table as SchemableIdentifierNode
  const { name } = identifier
  const model = models.get(name)
  const isModel =
    model !== undefined &&
    (schema === undefined ? !hidden.has(name) : schema.name === (model.schema ?? 'public'))
  return { name, node, model: isModel ? model : undefined }
}

/** MERGE names what it reads from as a join does. */
function joinedTable(using: OperationNode): OperationNode {
  return using.kind === 'JoinNode' ? (using as JoinNode).table : using
}

function nameOf(alias: OperationNode): string {
  return alias.kind === 'IdentifierNode' ? (alias as IdentifierNode).name : ''
}
