import {
  type IdentifierNode,
  type KyselyPlugin,
  OperationNodeTransformer,
  type PluginTransformQueryArgs,
  type PluginTransformResultArgs,
  type QueryId,
  type QueryResult,
  type RootOperationNode,
  type UnknownRow,
} from 'kysely'
import { toCamelCase, toSnakeCase } from '../model/naming.ts'

/**
 * Writes camelCase identifiers of built queries as snake_case, and remembers how each query wrote them, so that the
 * connection maps the names of exactly their results back, once per row description.
 */
export class NameMapping implements KyselyPlugin {
  readonly #identifiers = new SnakeCaseIdentifiers()
  readonly #written = new WeakMap<QueryId, ReadonlyMap<string, string>>()

  /** The names that a result's columns get: as the query wrote them, else camelCase; unchanged for a raw query. */
  resultNames(queryId: QueryId, columns: readonly string[]): string[] {
    const written = this.#written.get(queryId)
    if (written === undefined) return [...columns]
    return columns.map((column) => written.get(column) ?? toCamelCase(column))
  }

  transformQuery({ node, queryId }: PluginTransformQueryArgs): RootOperationNode {
    const { transformed, written } = this.#identifiers.transformRoot(node, queryId)
    this.#written.set(queryId, written)
    return transformed
  }

  async transformResult({ result }: PluginTransformResultArgs): Promise<QueryResult<UnknownRow>> {
    return result
  }
}

class SnakeCaseIdentifiers extends OperationNodeTransformer {
  #written = new Map<string, string>()

  transformRoot(node: RootOperationNode, queryId: QueryId) {
    const written = new Map<string, string>()
    this.#written = written
    return { transformed: this.transformNode(node, queryId), written }
  }

  protected override transformIdentifier(node: IdentifierNode): IdentifierNode {
    const name = toSnakeCase(node.name)
    this.#written.set(name, node.name)
    return { ...node, name }
  }
}
