import type {
  KyselyPlugin,
  PluginTransformQueryArgs,
  PluginTransformResultArgs,
  QueryResult,
  RootOperationNode,
  SelectQueryNode,
  UnknownRow,
} from 'kysely'
import { attach, attachedTo } from '../engine/rewriter.ts'
import { UsageError } from '../errors/usage-error.ts'
import type { Model } from '../model/model.ts'
import { type AnySpec, type EdgeNode, edgesOf } from './edge-node.ts'
import type { Links } from './link.ts'
import { LoadNode, LoadRoot, loadNodeOf } from './load-node.ts'
import { isFew } from './main-query.ts'

/** What is loaded of which rows of a query. */
export interface LoadRequest {
  readonly links: Links
  readonly model: Model
  readonly alias: string
  readonly spec: AnySpec
}

/** Attaches edges to the query that it is added to. */
export class LoadPlugin implements KyselyPlugin {
  readonly #request: LoadRequest
  readonly #edges: readonly EdgeNode[]
  /** A name that every row has when it is whole. */
  readonly #sign: string | undefined

  constructor(request: LoadRequest) {
    this.#request = request
    const { links, model, spec } = request
    this.#edges = edgesOf(links, model.name, spec)
    this.#sign = this.#edges.find(({ strategy }) => strategy !== 'raise')?.as
  }

  transformQuery({ node }: PluginTransformQueryArgs): RootOperationNode {
    if (node.kind !== 'SelectQueryNode') {
      throw new UsageError('LOAD_NOT_SELECT', 'edges are loaded of the rows of a select')
    }
    const { model, alias, links } = this.#request
    const query = node as SelectQueryNode
    const few = isFew(query, model, alias)
    const root = new LoadRoot(model, this.#edges, { alias, few, loaders: links.id })
    const others = loadNodeOf(query)?.roots ?? []
    assertDistinct([...others, root])
    if (others.length === 0 && attachedTo(query) !== undefined)
      throw new UsageError('LOAD_TWICE', 'something else is attached to the query already')
    return attach(query, new LoadNode([...others, root]))
  }

  async transformResult({ result }: PluginTransformResultArgs): Promise<QueryResult<UnknownRow>> {
    const [row] = result.rows
    const sign = this.#sign
    if (row === undefined || sign === undefined || sign in row || 'QUERY PLAN' in row) return result
    throw new UsageError(
      'LOAD_NOT_SENT',
      `the rows came without ${sign}: edges are loaded by the Kysely of an engine, and as the last plugin of a query`,
    )
  }
}

/** Two edges of one name would overwrite each other. */
function assertDistinct(roots: readonly LoadRoot[]): void {
  const names = roots.flatMap(({ edges }) => edges.map(({ as }) => as))
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice === undefined) return
  throw new UsageError('LOAD_TWICE', `the edge ${twice} is loaded twice: say all of it in one load`)
}
