import {
  AliasNode,
  BinaryOperationNode,
  FunctionNode,
  IdentifierNode,
  type OperationNode,
  OperatorNode,
  type QueryResult,
  type ReferenceNode,
  SelectionNode,
  type SelectQueryNode,
  ValueNode,
} from 'kysely'
import { replaceNodes } from '../rewrite/tree.ts'
import type { WatchedQuery } from '../session/query-watch.ts'
import { keyOf } from './key-of.ts'
import { conditionOf, type Lookup } from './lookup.ts'

/** The column that tells which rows are whose. */
const KEY = 'aquiferKey'

/** Clauses by which the rows of one value depend on those of another. */
const CLAUSES = [
  'groupBy',
  'having',
  'limit',
  'offset',
  'fetch',
  'top',
  'distinctOn',
  'setOperations',
  'with',
  'endModifiers',
  'frontModifiers',
  'explain',
] as const satisfies readonly (keyof SelectQueryNode)[]

type Row = Record<string, unknown>

/**
 * Answers the queries of one shape for all values of a result with the first of them: what is read ahead is given to the queries that
 * come later, once each.
 */
export class Ahead {
  /** The session or savepoint that it was read in. */
  readonly part: object
  readonly #lookup: Lookup
  readonly #waiting = new Map<string, Promise<readonly Row[]>>()
  readonly #given = new Set<string>()

  private constructor(part: object, lookup: Lookup) {
    this.part = part
    this.#lookup = lookup
  }

  /** Undefined if several queries of this shape cannot be made one. */
  static over({ compiled, part }: WatchedQuery<unknown>, lookup: Lookup): Ahead | undefined {
    const select = compiled.query as SelectQueryNode
    const depends = CLAUSES.some((clause) => isPresent(select[clause]))
    return depends || (select.selections ?? []).some(aggregates)
      ? undefined
      : new Ahead(part, lookup)
  }

  /** @param values all that will be asked for, by their keys */
  take<Result>(
    query: WatchedQuery<Result>,
    key: string,
    values: ReadonlyMap<string, unknown>,
  ): Promise<QueryResult<Result>> {
    let rows = this.#waiting.get(key)
    if (rows === undefined && !this.#given.has(key)) {
      this.#readAhead(query, values)
      rows = this.#waiting.get(key)
    }
    if (rows === undefined) return query.send()
    this.#waiting.delete(key)
    this.#given.add(key)
    return rows.then((own) => ({ rows: own as unknown as Result[] }))
  }

  #readAhead(query: WatchedQuery<unknown>, values: ReadonlyMap<string, unknown>): void {
    const wanted = [...values].filter(([key]) => !this.#given.has(key))
    const merged = mergedQuery(query.compiled.query as SelectQueryNode, this.#lookup, [
      ...wanted.map(([, value]) => value),
    ])
    const groups = query.sendOther<Row>(merged).then(({ rows }) => grouped(rows))
    for (const [key] of wanted) {
      const own = groups.then((of) => of.get(key) ?? [])
      // Whoever asks for it hears of its failure; nobody may.
      own.catch(() => {})
      this.#waiting.set(key, own)
    }
  }
}

/** The same query for many values, whose rows say which of them they are for. */
function mergedQuery(
  select: SelectQueryNode,
  lookup: Lookup,
  values: readonly unknown[],
): SelectQueryNode {
  const condition = conditionOf(select, lookup)
  const any = FunctionNode.create('any', [ValueNode.create(values)])
  const merged = BinaryOperationNode.create(condition.leftOperand, OperatorNode.create('='), any)
  const key = SelectionNode.create(keyColumn(condition.leftOperand))
  const selections = Object.freeze([...(select.selections ?? []), key])
  return { ...replaceNodes(select, new Map([[condition, merged]])), selections }
}

function keyColumn(column: ReferenceNode): AliasNode {
  return AliasNode.create(column, IdentifierNode.create(KEY))
}

function grouped(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>()
  for (const { [KEY]: value, ...row } of rows) {
    const key = keyOf(value)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [row])
    else group.push(row)
  }
  return groups
}

function isPresent(clause: unknown): boolean {
  return Array.isArray(clause) ? clause.length > 0 : clause !== undefined
}

/** A function in the list may make one row of many. */
function aggregates({ selection }: SelectionNode): boolean {
  const node: OperationNode =
    selection.kind === 'AliasNode' ? (selection as unknown as AliasNode).node : selection
  return !['ReferenceNode', 'SelectAllNode', 'ColumnNode'].includes(node.kind)
}
