import type { RootOperationNode } from 'kysely'
import type { Rewriter, Rewritten } from '../engine/rewriter.ts'
import type { Models } from '../model/registry.ts'
import { encodersOf } from './encoders.ts'
import type { ModelsByName } from './sources.ts'

/** Rewrites queries by the models that they name. */
export class ModelRewriter implements Rewriter {
  readonly #models: ModelsByName

  constructor(models: Models) {
    this.#models = new Map(Object.values(models).map((model) => [model.name, model]))
  }

  rewrite(node: RootOperationNode): Rewritten {
    return { node, encoders: encodersOf(node, this.#models) }
  }
}
