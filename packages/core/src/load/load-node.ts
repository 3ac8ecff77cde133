import type { OperationNode, RootOperationNode, SelectQueryNode } from 'kysely'
import { type Attached, attachedTo, type Expansion } from '../engine/rewriter.ts'
import type { Model } from '../model/model.ts'
import type { EdgeNode } from './edge-node.ts'
import { expansionOf } from './expansion.ts'
import { type LoadPlan, planLoad } from './load-plan.ts'

/** Edges that are loaded of one source of a query. */
export class LoadRoot implements OperationNode {
  readonly kind = 'AquiferLoadRootNode' as never
  readonly alias: string
  readonly few: boolean
  /** Which loaders it comes from, and by its name which model. */
  readonly loaders: number
  readonly name: string
  readonly edges: readonly EdgeNode[]
  readonly #model: Model

  constructor(
    model: Model,
    edges: readonly EdgeNode[],
    { alias, few, loaders }: Pick<LoadRoot, 'alias' | 'few' | 'loaders'>,
  ) {
    this.alias = alias
    this.few = few
    this.loaders = loaders
    this.name = model.name
    this.edges = edges
    this.#model = model
  }

  get model(): Model {
    return this.#model
  }
}

/** What a load attaches to a query. */
export class LoadNode implements Attached {
  readonly kind = 'AquiferLoadNode' as never
  readonly roots: readonly LoadRoot[]

  constructor(roots: readonly LoadRoot[]) {
    this.roots = roots
  }

  plan(query: SelectQueryNode, single: boolean): LoadPlan {
    return planLoad(query, this.roots, single)
  }

  expand(query: SelectQueryNode): Expansion {
    return expansionOf(this.plan(query, query.explain !== undefined), rootsOf)
  }

  expandForStream(query: SelectQueryNode): Expansion {
    return expansionOf(this.plan(query, true), rootsOf)
  }
}

/** What is loaded by a query; undefined if nothing is. */
export function loadNodeOf(query: RootOperationNode): LoadNode | undefined {
  const attached = attachedTo(query)
  return attached instanceof LoadNode ? attached : undefined
}

function rootsOf(query: RootOperationNode): readonly LoadRoot[] {
  return loadNodeOf(query)?.roots ?? []
}
