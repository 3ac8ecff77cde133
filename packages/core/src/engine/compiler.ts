import {
  type CompiledQuery,
  type IdentifierNode,
  type OperationNode,
  PostgresQueryCompiler,
  type PrimitiveValueListNode,
  type QueryCompiler,
  type QueryId,
  type RootOperationNode,
  type ValueNode,
} from 'kysely'
import { toCamelCase, toSnakeCase } from '../model/naming.ts'
import { namedRows, objectRows, type ReaderFactory } from '../pool/row-reader.ts'
import type { FactsCache, StatementFacts } from '../pool/statement-facts.ts'
import { type QueryShape, ShapeIndex } from './query-shape.ts'
import { isSafeRead, isStateless } from './safe-read.ts'

/** What is the same for all queries of one shape; made once. */
export interface CompiledShape {
  readonly sql: string
  readonly facts: StatementFacts
  /** Makes rows under the names that the query was written in. */
  readonly rows: ReaderFactory
  /** Running it twice does no harm. */
  readonly safeRead: boolean
  /** It can leave nothing behind on its connection. */
  readonly stateless: boolean
}

interface CachedShape extends CompiledShape {
  /** For each parameter of the text, which value of the walk it is. */
  readonly order: readonly number[]
}

/**
 * Compiles each shape of query once: queries that differ in values alone share text and reader. Identifiers are written in
 * snake_case, and a result's columns get the names back that the query was written in.
 */
export class EngineCompiler implements QueryCompiler {
  readonly #facts: FactsCache
  readonly #shapes = new ShapeIndex<CachedShape>()
  readonly #compiler = new NamingCompiler()

  constructor(facts: FactsCache) {
    this.#facts = facts
  }

  compileQuery<Row = unknown>(node: RootOperationNode, queryId: QueryId): CompiledQuery<Row> {
    const shape = this.#shapes.find(node)
    const known = shape?.place.kept
    if (shape === undefined || known === undefined) return this.#compile(node, queryId, shape)
    const { values } = shape
    const parameters = known.order.map((place) => values[place])
    return new ShapedQuery({ query: node, queryId, sql: known.sql, parameters }, known)
  }

  /** What is known of a compiled query; a text that was not compiled here keeps the server's names. */
  shapeOf(compiled: CompiledQuery): CompiledShape {
    return (
      ShapedQuery.shapeOf(compiled) ?? {
        sql: compiled.sql,
        facts: this.#facts.of(compiled.sql),
        rows: objectRows,
        safeRead: false,
        stateless: false,
      }
    )
  }

  #compile<Row>(
    node: RootOperationNode,
    queryId: QueryId,
    shape: QueryShape<CachedShape> | undefined,
  ): CompiledQuery<Row> {
    const starts = shape && this.#shapes.startsIn(node)
    const { compiled, order, written } = this.#compiler.compile(node, queryId, starts)
    const made: CachedShape = {
      sql: compiled.sql,
      facts: this.#facts.of(compiled.sql),
      rows: rowsNamedAs(written),
      safeRead: isSafeRead(node),
      stateless: isStateless(node),
      order: order ?? [],
    }
    if (shape !== undefined && order !== undefined) shape.place.kept = made
    return new ShapedQuery<Row>(compiled, made)
  }
}

/** A compiled query that carries its shape where nobody but its compiler sees it. */
class ShapedQuery<Row> implements CompiledQuery<Row> {
  readonly query: RootOperationNode
  readonly queryId: QueryId
  readonly sql: string
  readonly parameters: readonly unknown[]
  readonly #shape: CompiledShape

  constructor({ query, queryId, sql, parameters }: CompiledQuery, shape: CompiledShape) {
    this.query = query
    this.queryId = queryId
    this.sql = sql
    this.parameters = parameters
    this.#shape = shape
  }

  static shapeOf(compiled: CompiledQuery): CompiledShape | undefined {
    return #shape in compiled ? compiled.#shape : undefined
  }
}

/** Rows under the names that a query wrote its columns in, else in camelCase. */
function rowsNamedAs(written: ReadonlyMap<string, string>): ReaderFactory {
  return (fields) =>
    namedRows(
      fields.map(({ name }) => written.get(name) ?? toCamelCase(name)),
      fields,
    )
}

/** Kysely's compiler, which also tells what it wrote: identifiers by their snake_case, and values by their place. */
class NamingCompiler extends PostgresQueryCompiler {
  #written = new Map<string, string>()
  #starts: ReadonlyMap<OperationNode, number> | undefined
  #order: number[] | undefined

  compile(
    node: RootOperationNode,
    queryId: QueryId,
    starts: ReadonlyMap<OperationNode, number> | undefined,
  ) {
    this.#written = new Map()
    this.#starts = starts
    this.#order = starts && []
    const compiled = this.compileQuery(node, queryId)
    // A parameter that came from no node of the tree cannot be found again in the next query of this shape.
    const order = this.#order?.length === compiled.parameters.length ? this.#order : undefined
    return { compiled, order, written: this.#written }
  }

  protected override compileUnwrappedIdentifier(node: IdentifierNode): void {
    const name = toSnakeCase(node.name)
    this.#written.set(name, node.name)
    super.compileUnwrappedIdentifier({ ...node, name })
  }

  protected override visitValue(node: ValueNode): void {
    if (node.immediate !== true) this.#note(node, 1)
    super.visitValue(node)
  }

  protected override visitPrimitiveValueList(node: PrimitiveValueListNode): void {
    this.#note(node, node.values.length)
    super.visitPrimitiveValueList(node)
  }

  #note(node: OperationNode, count: number): void {
    const start = this.#starts?.get(node)
    if (start === undefined) this.#order = undefined
    for (let n = 0; n < count; n += 1) this.#order?.push((start ?? 0) + n)
  }
}
