import type { CompiledQuery, QueryCompiler, QueryId, RootOperationNode } from 'kysely'
import { decoderOf } from '../codec/registry.ts'
import { toCamelCase } from '../model/naming.ts'
import { namedRows, objectRows, type ReaderFactory } from '../pool/row-reader.ts'
import type { Statement } from '../pool/statement.ts'
import type { FactsCache } from '../pool/statement-facts.ts'
import {
  type CompiledPart,
  type CompiledPlan,
  type CompiledShape,
  PlannedQuery,
} from './compiled-query.ts'
import { type Named, NamingCompiler } from './naming-compiler.ts'
import { type QueryShape, ShapeIndex } from './query-shape.ts'
import { attachedTo, type Expansion, type Part, type Rewriter, type Rewritten } from './rewriter.ts'
import { assertContext, type Context } from './rules.ts'
import { isSafeRead, isStateless } from './safe-read.ts'

interface CachedPlan extends CompiledPlan {
  readonly parts: readonly [CompiledPart, ...CompiledPart[]]
}

type Starts = ReturnType<ShapeIndex<CachedPlan>['startsIn']>

/** A database without models: every query is sent as it is written. */
const asWritten: Rewriter = { rewrite: (node) => ({ node }), rewritePlain: (node) => node }

/**
 * Compiles each shape of query once: queries that differ in values alone share texts and readers. What a query becomes by the models that it
 * names is decided then too. Identifiers are written in snake_case, and a result's columns get the names back that the query was written in.
 */
export class EngineCompiler implements QueryCompiler {
  readonly #facts: FactsCache
  readonly #rewriter: Rewriter
  readonly #shapes = new ShapeIndex<CachedPlan>()
  readonly #compiler = new NamingCompiler()

  constructor(facts: FactsCache, rewriter: Rewriter = asWritten) {
    this.#facts = facts
    this.#rewriter = rewriter
  }

  compileQuery<Row = unknown>(node: RootOperationNode, queryId: QueryId): CompiledQuery<Row> {
    const shape = this.#shapes.find(node)
    const known = shape?.place.kept
    if (shape === undefined || known === undefined) return this.#compile(node, queryId, shape)
    const { values } = shape
    const parameters = known.parts.map((part) => parametersOf(part, values))
    return new PlannedQuery({ query: node, queryId }, known, parameters)
  }

  /**
   * The same query, and what is known of it, for reading it piece by piece: one statement whose rows are whole.
   *
   * @throws {ContextError} `CONTEXT_REQUIRED`
   */
  streamOf(
    compiled: CompiledQuery,
    context: Context | undefined,
  ): { compiled: CompiledQuery; shape: CompiledShape } {
    const { query, queryId } = compiled
    const attached = attachedTo(query)
    const whole =
      attached === undefined || query.kind !== 'SelectQueryNode'
        ? compiled
        : this.#compileExpansion(query, queryId, { expansion: attached.expandForStream(query) })
    const [shape] = this.planOf(whole).parts
    if (shape.rules !== undefined) assertContext(shape.rules, context)
    return { compiled: whole, shape }
  }

  /** A select of ours that belongs to no shape that a caller writes. */
  compilePart(part: Part, queryId: QueryId): CompiledQuery {
    return this.#compileExpansion(part.node, queryId, { expansion: { parts: [part] } })
  }

  /** What is known of a compiled query; a text that was not compiled here keeps the server's names. */
  planOf(compiled: CompiledQuery): CompiledPlan {
    return (
      PlannedQuery.planOf(compiled) ?? {
        parts: [
          {
            sql: compiled.sql,
            facts: this.#facts.of(compiled.sql),
            rows: objectRows,
            safeRead: false,
            stateless: false,
            rules: undefined,
          },
        ],
        assemble: undefined,
      }
    )
  }

  /** What a compiled query sends, in one flight. */
  statementsOf(compiled: CompiledQuery, { parts }: CompiledPlan): Statement[] {
    const statements = [statementOf(parts[0], compiled.parameters)]
    if (parts.length === 1) return statements
    const others = PlannedQuery.othersOf(compiled)
    for (let at = 1; at < parts.length; at += 1)
      statements.push(statementOf(parts[at] as CompiledShape, others[at - 1] ?? []))
    return statements
  }

  #compile<Row>(
    node: RootOperationNode,
    queryId: QueryId,
    shape: QueryShape<CachedPlan> | undefined,
  ): CompiledQuery<Row> {
    const starts = shape && this.#shapes.startsIn(node)
    const attached = attachedTo(node)
    const expansion =
      attached !== undefined && node.kind === 'SelectQueryNode'
        ? attached.expand(node)
        : { parts: [{ node }] as const }
    return this.#compileExpansion(node, queryId, { expansion, starts, shape })
  }

  #compileExpansion<Row>(
    query: RootOperationNode,
    queryId: QueryId,
    { expansion, starts, shape }: ExpansionRequest,
  ): CompiledQuery<Row> {
    const made = expansion.parts.map((part) => this.#compilePart(part, queryId, starts))
    const [first, ...others] = made.map(({ part }) => part)
    const plan = {
      parts: [first as CompiledPart, ...others] as const,
      assemble: expansion.assemble,
    }
    const known = made.every(({ isKnown }) => isKnown)
    if (shape !== undefined && known) shape.place.kept = plan
    const parameters = made.map(({ values }) => values)
    return new PlannedQuery<Row>({ query, queryId }, plan, parameters)
  }

  #compilePart({ node, read }: AnyPart, queryId: QueryId, starts: Starts) {
    const rewritten = this.#rewriter.rewrite(node)
    const { encoders, splits, rules } = rewritten
    const request = { node: rewritten.node, queryId, starts, encoders, splits }
    const named = this.#compiler.compile(request)
    const part: CompiledPart = {
      sql: named.compiled.sql,
      facts: this.#facts.of(named.compiled.sql),
      rows: readerOf(named, rewritten, read),
      safeRead: isSafeRead(rewritten.node),
      stateless: isStateless(rewritten.node),
      rules,
      order: named.order ?? [],
      encoders: named.encoders,
    }
    const values = encoded(named.compiled.parameters, named.encoders)
    return { part, isKnown: named.order !== undefined, values }
  }
}

interface ExpansionRequest {
  readonly expansion: {
    readonly parts: readonly AnyPart[]
    readonly assemble?: Expansion['assemble']
  }
  readonly starts?: Starts | undefined
  /** Where to keep what is made. */
  readonly shape?: QueryShape<CachedPlan> | undefined
}

/** A part whose node may also be a write. */
interface AnyPart extends Omit<Part, 'node'> {
  readonly node: RootOperationNode
}

function parametersOf({ order, encoders }: CompiledPart, values: readonly unknown[]): unknown[] {
  return encoded(
    order.map((place) => values[place]),
    encoders,
  )
}

function encoded(values: readonly unknown[], encoders: CompiledPart['encoders']): unknown[] {
  if (encoders === undefined) return values as unknown[]
  return values.map((value, at) => {
    const encode = encoders[at]
    return encode === undefined ? value : encode(value)
  })
}

function statementOf(shape: CompiledShape, values: readonly unknown[]): Statement {
  const { sql: text, rows, facts, safeRead, stateless } = shape
  return { text, values, rows, facts, safeRead, shareable: stateless }
}

/** Rows under the names that a query wrote its columns in, else in camelCase. */
function readerOf({ written }: Named, { decoders }: Rewritten, read: Part['read']): ReaderFactory {
  return (fields) => {
    const named = fields.map(({ name: theirs, dataTypeID }) => {
      const name = written.get(theirs) ?? toCamelCase(theirs)
      return { name, decode: decoders?.get(name) ?? decoderOf(dataTypeID) }
    })
    return (read ?? namedRows)(named)
  }
}
