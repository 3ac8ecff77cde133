import type { Model, Relation } from '../src/models.ts'

/** A row as a plain select reads it. */
export type Plain = Record<string, unknown>

/** What is asked of an edge, apart from the way it is loaded. */
export interface Wish {
  readonly as: string
  readonly relation: string
  readonly columns?: readonly string[]
  readonly pivot?: readonly string[]
  /** `whole` is greater than this. */
  readonly above?: number
  readonly orderBy?: 'asc' | 'desc'
  readonly limit?: number
  readonly fn?: 'count' | 'exists' | 'min' | 'max' | 'sum'
  readonly edges: readonly Wish[]
}

/** Slow, and written without a look at how it is done elsewhere: all rows are there, and compared one by one. */
export class Reference {
  readonly #models: Record<string, Model>
  readonly #rows: Record<string, readonly Plain[]>

  constructor(models: Record<string, Model>, rows: Record<string, readonly Plain[]>) {
    this.#models = models
    this.#rows = rows
  }

  /** What the wishes are for one row. */
  edges(model: Model, row: Plain, wishes: readonly Wish[]): Plain {
    return Object.fromEntries(wishes.map((wish) => [wish.as, this.#edge(model, row, wish)]))
  }

  #edge(model: Model, row: Plain, wish: Wish): unknown {
    const relation = model.relations[wish.relation] as Relation
    const target = this.#models[relation.target] as Model
    const pairs = this.#related(model, row, relation)
      .filter(
        ([one]) =>
          wish.above === undefined || (one.whole !== null && (one.whole as number) > wish.above),
      )
      .sort((one, other) => this.#compare(target, one, other, wish.orderBy))
    const wholes = pairs.flatMap(([one]) => (one.whole === null ? [] : [one.whole as number]))
    const larges = pairs.flatMap(([one]) => (one.large === null ? [] : [one.large as bigint]))
    switch (wish.fn) {
      case 'count':
        return pairs.length
      case 'exists':
        return pairs.length > 0
      case 'min':
        return wholes.length === 0 ? null : Math.min(...wholes)
      case 'max':
        return wholes.length === 0 ? null : Math.max(...wholes)
      case 'sum':
        return larges.length === 0 ? null : String(larges.reduce((sum, one) => sum + one, 0n))
    }
    const made = pairs.slice(0, wish.limit).map(([one, between]) => {
      const names =
        wish.columns ??
        Object.keys(target.columns).filter((name) => !target.columns[name]?.definition.hidden)
      const pivot = wish.pivot && { pivot: pick(between as Plain, wish.pivot) }
      return { ...pick(one, names), ...pivot, ...this.edges(target, one, wish.edges) }
    })
    const many = relation.kind === 'hasMany' || relation.kind === 'manyToMany'
    return many ? made : (made[0] ?? null)
  }

  #related(
    model: Model,
    row: Plain,
    { own, foreign, target, through }: Relation,
  ): [Plain, Plain?][] {
    const mine = own.length > 0 ? own : model.primaryKey
    const { primaryKey } = this.#models[target] as Model
    const rows = this.#rows[target] ?? []
    if (through === undefined) {
      const theirs = foreign.length > 0 ? foreign : primaryKey
      return rows.filter((one) => matches(row, mine, one, theirs)).map((one) => [one])
    }
    return (this.#rows[through.model] ?? [])
      .filter((between) => matches(row, mine, between, through.from))
      .flatMap((between) =>
        rows
          .filter((one) => matches(between, through.to, one, primaryKey))
          .map((one): [Plain, Plain] => [one, between]),
      )
  }

  #compare(
    { primaryKey }: Model,
    [one, a]: [Plain, Plain?],
    [other, b]: [Plain, Plain?],
    direction?: 'asc' | 'desc',
  ) {
    if (direction !== undefined && one.whole !== other.whole) {
      // Null is greater than all else.
      const order = rank(one.whole) - rank(other.whole)
      return direction === 'asc' ? order : -order
    }
    for (const name of primaryKey) {
      if (one[name] === other[name]) continue
      return (one[name] as number) < (other[name] as number) ? -1 : 1
    }
    return ((a?.id as number) ?? 0) - ((b?.id as number) ?? 0)
  }
}

const rank = (value: unknown) => (value === null ? 100 : (value as number))

const pick = (row: Plain, names: readonly string[]): Plain =>
  Object.fromEntries(names.map((name) => [name, row[name]]))

function matches(
  one: Plain,
  some: readonly string[],
  other: Plain,
  others: readonly string[],
): boolean {
  return some.every((name, at) => {
    const theirs = other[others[at] as string]
    return one[name] !== null && one[name] === theirs
  })
}
