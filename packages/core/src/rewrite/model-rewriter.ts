import type { OperationNode, RootOperationNode } from 'kysely'
import type { Encoder, Encoders, Rewriter, Rewritten } from '../engine/rewriter.ts'
import { UsageError } from '../errors/usage-error.ts'
import type { Model } from '../model/model.ts'
import { toSnakeCase } from '../model/naming.ts'
import type { Models } from '../model/registry.ts'
import { withArrayOperands } from './array-operands.ts'
import { withBehaviours } from './behaviours.ts'
import { decodersOf } from './decoders.ts'
import { encodersOf } from './encoders.ts'
import { marksOf } from './marks.ts'
import { behavioursOf, Pass } from './pass.ts'
import type { ModelsByName } from './sources.ts'
import { versionCheckOf } from './version-check.ts'

/** Rewrites queries by the models that they name. */
export class ModelRewriter implements Rewriter {
  readonly #models: ModelsByName
  readonly #plainModels: ModelsByName
  readonly #contextPrefix: string

  /**
   * @param contextPrefix what stands in front of the names of the session's context
   * @throws {UsageError} `MODEL_TENANT` if a column that says whose a row is may be null
   */
  constructor(models: Models, contextPrefix: string) {
    const all = Object.values(models)
    for (const model of all) assertOwned(model)
    // A table may also be named as PostgreSQL names it; the name of a model comes first.
    this.#models = new Map([
      ...all.map((model) => [model.table, model] as const),
      ...all.map((model) => [model.name, model] as const),
    ])
    this.#plainModels = new Map(all.map((model) => [model.table, plain(model)]))
    this.#contextPrefix = contextPrefix
  }

  /** @throws {UsageError} `VERSION_PLAIN` for a query at a version, which nobody would ask again what it found */
  rewritePlain(root: RootOperationNode): RootOperationNode {
    if (marksOf(root).version !== undefined) throw versionOfPlain()
    return withBehaviours(root, new Pass(this.#plainModels, this.#contextPrefix))
  }

  rewrite(asked: RootOperationNode): Rewritten {
    const root = withArrayOperands(asked, this.#models)
    const pass = new Pass(this.#models, this.#contextPrefix)
    const node = withBehaviours(root, pass)
    const { splits, requires, owned } = pass
    const whenNone = versionCheckOf(root, this.#models)
    const hasRules = requires.size > 0 || owned.size > 0 || whenNone !== undefined
    return {
      node,
      decoders: decodersOf(root, this.#models),
      encoders: withSplits(encodersOf(root, this.#models), splits),
      ...(splits.size > 0 && { splits }),
      ...(hasRules && { rules: { requires: [...requires], owned, whenNone } }),
    }
  }
}

/** The database refuses the rows of others by NOT NULL. */
function assertOwned(model: Model): void {
  for (const { key, behaviour } of behavioursOf(model)) {
    if (behaviour.owner === undefined || model.columns[key]?.definition.nullable !== true) continue
    throw new UsageError(
      'MODEL_TENANT',
      `${key} of ${model.name} says whose a row is, and every row is somebody's: take nullable() away`,
    )
  }
}

/** Values that were taken out of a list keep their encoders. */
function withSplits(
  encoders: Encoders | undefined,
  splits: NonNullable<Rewritten['splits']>,
): Encoders | undefined {
  if (encoders === undefined || splits.size === 0) return encoders
  const all = new Map<OperationNode, Encoder | readonly (Encoder | undefined)[]>(encoders)
  for (const [alone, { of, at }] of splits) {
    const encoder = (encoders.get(of) as readonly (Encoder | undefined)[] | undefined)?.[at]
    if (encoder !== undefined) all.set(alone, encoder)
  }
  return all
}

/** A model under PostgreSQL's own names. */
function plain(model: Model): Model {
  const columns = Object.entries(model.columns).map(
    ([key, column]) => [column.definition.name ?? toSnakeCase(key), column] as const,
  )
  return { ...model, name: model.table, columns: Object.fromEntries(columns) }
}

function versionOfPlain(): UsageError {
  return new UsageError(
    'VERSION_PLAIN',
    'atVersion() stands on a query without plugins, which cannot tell what it found: run it on the engine as it is',
  )
}
