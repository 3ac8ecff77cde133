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
import { type QueryShape, shapeOf, valuePlaces } from './query-shape.ts'
import { isSafeRead } from './safe-read.ts'

/** What is the same for all queries of one shape; made once. */
export interface CompiledShape {
  readonly sql: string
  readonly facts: StatementFacts
  /** Makes rows under the names that the query was written in. */
  readonly rows: ReaderFactory
  /** Running it twice does no harm. */
  readonly safeRead: boolean
  /** Made by the query builder from start to end, so that it is one statement and sets no state. */
  readonly built: boolean
}

interface CachedShape extends CompiledShape {
  /** For each parameter of the text, which value of the walk it is. */
  readonly order: readonly number[]
}

const REMEMBERED = 1_024
const BUILT = new Set(['SelectQueryNode', 'InsertQueryNode', 'UpdateQueryNode', 'DeleteQueryNode'])

/**
 * Compiles each shape of query once: queries that differ in values alone share text and reader. Identifiers are written in
 * snake_case, and a result's columns get the names back that the query was written in.
 */
export class EngineCompiler implements QueryCompiler {
  readonly #facts: FactsCache
  readonly #shapes = new Map<string, CachedShape>()
  readonly #shapeOfQuery = new WeakMap<CompiledQuery, CompiledShape>()
  readonly #compiler = new NamingCompiler()

  constructor(facts: FactsCache) {
    this.#facts = facts
  }

  compileQuery<Row = unknown>(node: RootOperationNode, queryId: QueryId): CompiledQuery<Row> {
    const shape = shapeOf(node)
    const known = shape && this.#find(shape.key)
    if (shape === undefined || known === undefined) return this.#compile(node, queryId, shape)
    const parameters = known.order.map((place) => shape.values[place])
    return this.#remember<Row>({ query: node, queryId, sql: known.sql, parameters }, known)
  }

  /** What is known of a compiled query; a text that was not compiled here keeps the server's names. */
  shapeOf(compiled: CompiledQuery): CompiledShape {
    return (
      this.#shapeOfQuery.get(compiled) ?? {
        sql: compiled.sql,
        facts: this.#facts.of(compiled.sql),
        rows: objectRows,
        safeRead: false,
        built: false,
      }
    )
  }

  #find(key: string): CachedShape | undefined {
    const found = this.#shapes.get(key)
    if (found !== undefined && this.#shapes.size >= REMEMBERED / 2) {
      this.#shapes.delete(key)
      this.#shapes.set(key, found)
    }
    return found
  }

  #compile<Row>(
    node: RootOperationNode,
    queryId: QueryId,
    shape: QueryShape | undefined,
  ): CompiledQuery<Row> {
    const { compiled, order, written } = this.#compiler.compile(node, queryId, shape !== undefined)
    const made: CachedShape = {
      sql: compiled.sql,
      facts: this.#facts.of(compiled.sql),
      rows: rowsNamedAs(written),
      safeRead: isSafeRead(node),
      built: BUILT.has(node.kind),
      order: order ?? [],
    }
    if (shape !== undefined && order !== undefined) {
      this.#shapes.set(shape.key, made)
      if (this.#shapes.size > REMEMBERED) {
        for (const oldest of this.#shapes.keys()) {
          this.#shapes.delete(oldest)
          break
        }
      }
    }
    return this.#remember(compiled as CompiledQuery<Row>, made)
  }

  #remember<Row>(compiled: CompiledQuery<Row>, shape: CompiledShape): CompiledQuery<Row> {
    this.#shapeOfQuery.set(compiled, shape)
    return compiled
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

/** Kysely's compiler, which also tells what it wrote: identifiers by their snake_case, and values by their node. */
class NamingCompiler extends PostgresQueryCompiler {
  #written = new Map<string, string>()
  #places: ReadonlyMap<OperationNode, number> | undefined
  #order: number[] | undefined

  compile(node: RootOperationNode, queryId: QueryId, withOrder: boolean) {
    this.#written = new Map()
    this.#places = withOrder ? valuePlaces(node) : undefined
    this.#order = this.#places && []
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
    const place = this.#places?.get(node)
    if (place === undefined) this.#order = undefined
    for (let n = 0; n < count; n += 1) this.#order?.push((place ?? 0) + n)
  }
}
