import {
  type CompiledQuery,
  type IdentifierNode,
  type OperationNode,
  PostgresQueryCompiler,
  type PrimitiveValueListNode,
  type QueryId,
  type RootOperationNode,
  type SelectQueryNode,
  type ValueNode,
} from 'kysely'
import { UsageError } from '../errors/usage-error.ts'
import { toSnakeCase } from '../model/naming.ts'
import { attachedTo, type Encoder, type Encoders, type Rewritten } from './rewriter.ts'

/** What is compiled, and what else is to be known of it. */
export interface NamingRequest {
  readonly node: RootOperationNode
  readonly queryId: QueryId
  /** Where each node with values comes in the query's walk; undefined if nobody will ask. */
  readonly starts: ReadonlyMap<OperationNode, number> | undefined
  readonly encoders: Encoders | undefined
  readonly splits: Rewritten['splits']
}

/** A compiled query and what was seen while it was written. */
export interface Named {
  readonly compiled: CompiledQuery
  /** For each parameter which value of the walk it is; undefined if one of them is none. */
  readonly order: readonly number[] | undefined
  /** For each parameter what it is put through; undefined if none is. */
  readonly encoders: readonly (Encoder | undefined)[] | undefined
  /** The names in TypeScript by those that were written. */
  readonly written: ReadonlyMap<string, string>
}

/** Kysely's compiler, which also tells what it wrote: identifiers by their snake_case, and values by their place. */
export class NamingCompiler extends PostgresQueryCompiler {
  #written = new Map<string, string>()
  #starts: ReadonlyMap<OperationNode, number> | undefined
  #order: number[] | undefined
  #asked: Encoders | undefined
  #encoders: (Encoder | undefined)[] = []
  /** Those of the node that is being written. */
  #current: Encoder | readonly (Encoder | undefined)[] | undefined
  #splits: Rewritten['splits']
  #at = 0

  compile({ node, queryId, starts, encoders, splits }: NamingRequest): Named {
    this.#written = new Map()
    this.#starts = starts
    this.#order = starts && []
    this.#asked = encoders
    this.#splits = splits
    this.#encoders = []
    const compiled = this.compileQuery(node, queryId)
    // A parameter that came from no node of the tree cannot be found again in the next query of this shape.
    const order = this.#order?.length === compiled.parameters.length ? this.#order : undefined
    return {
      compiled,
      order,
      encoders: this.#encoders.some((one) => one !== undefined) ? this.#encoders : undefined,
      written: this.#written,
    }
  }

  protected override compileUnwrappedIdentifier(node: IdentifierNode): void {
    const name = toSnakeCase(node.name)
    this.#written.set(name, node.name)
    super.compileUnwrappedIdentifier({ ...node, name })
  }

  /** What is attached to a select was split off before it came here, unless it stands inside of another query. */
  protected override visitSelectQuery(node: SelectQueryNode): void {
    if (attachedTo(node) !== undefined) {
      throw new UsageError(
        'LOAD_SUBQUERY',
        'a query with edges to load stands inside of another query, which has no place for them: load them on the outer one',
      )
    }
    super.visitSelectQuery(node)
  }

  protected override visitValue(node: ValueNode): void {
    if (node.immediate !== true) this.#note(node, 1)
    super.visitValue(node)
    this.#current = undefined
  }

  protected override visitPrimitiveValueList(node: PrimitiveValueListNode): void {
    this.#note(node, node.values.length)
    super.visitPrimitiveValueList(node)
    this.#current = undefined
  }

  protected override appendValue(parameter: unknown): void {
    const current = this.#current
    this.#encoders.push(typeof current === 'object' ? current[this.#at] : current)
    this.#at += 1
    super.appendValue(parameter)
  }

  #note(node: OperationNode, count: number): void {
    this.#current = this.#asked?.get(node)
    this.#at = 0
    const start = this.#startOf(node)
    if (start === undefined) this.#order = undefined
    for (let n = 0; n < count; n += 1) this.#order?.push((start ?? 0) + n)
  }

  #startOf(node: OperationNode): number | undefined {
    const split = this.#splits?.get(node)
    if (split === undefined) return this.#starts?.get(node)
    const start = this.#starts?.get(split.of)
    return start === undefined ? undefined : start + split.at
  }
}
