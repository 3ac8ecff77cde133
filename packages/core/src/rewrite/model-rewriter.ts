import type { RootOperationNode } from 'kysely'
import type { Rewriter, Rewritten } from '../engine/rewriter.ts'
import type { Models } from '../model/registry.ts'
import { withArrayOperands } from './array-operands.ts'
import { decodersOf } from './decoders.ts'
import { encodersOf } from './encoders.ts'
import type { ModelsByName } from './sources.ts'

/** Rewrites queries by the models that they name. */
export class ModelRewriter implements Rewriter {
  readonly #models: ModelsByName

  constructor(models: Models) {
    this.#models = new Map(Object.values(models).map((model) => [model.name, model]))
  }

  rewrite(root: RootOperationNode): Rewritten {
    const node = withArrayOperands(root, this.#models)
    return {
      node,
      decoders: decodersOf(node, this.#models),
      encoders: encodersOf(node, this.#models),
    }
  }
}
