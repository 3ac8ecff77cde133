import { UsageError } from '../errors/usage-error.ts'
import type { Model } from '../model/model.ts'
import type { Models } from '../model/registry.ts'
import type { Bridge, Relation, RelationKind } from '../model/relation.ts'

/** A relation with both its ends, every key column named. */
export interface Link {
  readonly relation: string
  readonly kind: RelationKind
  /** A row of the source may have several. */
  readonly many: boolean
  readonly source: Model
  readonly target: Model
  /** Columns of the source. */
  readonly own: readonly string[]
  /** What holds equal values: columns of the target, or of the model between. */
  readonly foreign: readonly string[]
  readonly through: LinkThrough | undefined
}

/** The model between the two of a many-to-many relation. */
export interface LinkThrough {
  readonly model: Model
  /** Its columns that refer to the target. */
  readonly to: readonly string[]
  /** The columns of the target that they refer to. */
  readonly target: readonly string[]
}

/** The models of a database, and how they are linked. */
export class Links {
  static #count = 0
  /** Tells loaders of one process apart. */
  readonly id: number
  readonly #models: ReadonlyMap<string, Model>
  readonly #links = new Map<string, ReadonlyMap<string, Link>>()

  /** @throws {UsageError} `RELATION_TARGET`, `RELATION_COLUMN`, `RELATION_KEY` naming model and relation */
  constructor(models: Models) {
    Links.#count += 1
    this.id = Links.#count
    this.#models = new Map(Object.values(models).map((model) => [model.name, model]))
    for (const model of this.#models.values()) {
      const links = Object.entries(model.relations).map(
        ([name, relation]) => [name, this.#linkOf(model, name, relation)] as const,
      )
      this.#links.set(model.name, new Map(links))
    }
  }

  /** @throws {UsageError} `LOAD_MODEL` */
  model(name: string): Model {
    const model = this.#models.get(name)
    if (model !== undefined) return model
    throw new UsageError('LOAD_MODEL', `there is no model ${name} among those of these loaders`)
  }

  /** The model of this name, if there is one. */
  find(name: string): Model | undefined {
    return this.#models.get(name)
  }

  /** @throws {UsageError} `LOAD_RELATION` */
  link(model: string, relation: string): Link {
    const link = this.#links.get(model)?.get(relation)
    if (link !== undefined) return link
    const known = [...(this.#links.get(model)?.keys() ?? [])]
    throw new UsageError(
      'LOAD_RELATION',
      `model ${model} has no relation ${relation}; it has ${known.join(', ') || 'none'}`,
    )
  }

  #linkOf(source: Model, name: string, relation: Relation): Link {
    const where = `relation ${name} of model ${source.name}`
    const target = this.#end(relation.target, where)
    const { kind, through } = relation
    const many = kind === 'hasMany' || kind === 'manyToMany'
    const base = { relation: name, kind, many, source, target }
    const own = keyOf(source, relation.own, where)
    if (through !== undefined) return this.#linkThrough({ ...base, own }, through, where)
    const foreign = keyOf(target, relation.foreign, where)
    assertSameCount(own, foreign, where)
    return { ...base, own, foreign, through: undefined }
  }

  #linkThrough(base: Omit<Link, 'foreign' | 'through'>, bridge: Bridge, where: string): Link {
    const model = this.#end(bridge.model, where)
    const from = keyOf(model, bridge.from, where)
    const to = keyOf(model, bridge.to, where)
    const target = keyOf(base.target, [], where)
    assertSameCount(base.own, from, where)
    assertSameCount(target, to, where)
    return { ...base, foreign: from, through: { model, to, target } }
  }

  #end(name: string, where: string): Model {
    const model = this.#models.get(name)
    if (model !== undefined) return model
    throw new UsageError(
      'RELATION_TARGET',
      `${where} leads to ${name}, which is not among the models: add it, or correct its name`,
    )
  }
}

/** The named columns, or the primary key. */
function keyOf(model: Model, columns: readonly string[], where: string): readonly string[] {
  for (const column of columns) {
    if (Object.hasOwn(model.columns, column)) continue
    throw new UsageError(
      'RELATION_COLUMN',
      `${where} names the column ${column}, which model ${model.name} does not have`,
    )
  }
  if (columns.length > 0) return columns
  if (model.primaryKey.length > 0) return model.primaryKey
  throw new UsageError(
    'RELATION_KEY',
    `${where} refers to the primary key of model ${model.name}, which has none: name the columns that it refers to`,
  )
}

function assertSameCount(one: readonly string[], other: readonly string[], where: string): void {
  if (one.length === other.length) return
  throw new UsageError(
    'RELATION_KEY',
    `${where} compares ${one.join(', ')} with ${other.join(', ')}: name as many columns on both sides`,
  )
}
