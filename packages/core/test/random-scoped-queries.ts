import fc from 'fast-check'
import type { Kysely } from 'kysely'

/** The tables of these queries: two whose rows may be hidden and one whose are not. Every one has these columns. */
const TABLES = ['papers', 'authors', 'plain'] as const
type Row = { id: number; k: number | null }
export type RandomTables = Record<(typeof TABLES)[number], Row>

type Source = { table: (typeof TABLES)[number] } | { select: Select }

type Join =
  | { how: 'inner' | 'left' | 'right' | 'full' | 'cross'; source: Source; on: Condition }
  | { how: 'lateral' | 'leftLateral'; of: Select }

interface Select {
  readonly froms: Source[]
  readonly joins: Join[]
  readonly where: Condition | undefined
  readonly set: { how: 'union' | 'except' | 'intersect' | 'unionAll'; select: Select } | undefined
  readonly pick: [number, number]
}

type Condition =
  | { kind: 'refs'; left: number; right: number; op: '=' | '<' }
  | { kind: 'value'; left: number; value: number; op: '=' | '<' | 'is not' }
  | { kind: 'or'; of: [Condition, Condition] }
  | { kind: 'not'; of: Condition }
  | { kind: 'exists' | 'in'; left: number; select: Select }

/** A query over the tables, made out of a draw. */
export interface RandomQuery {
  readonly ctes: { name: (typeof TABLES)[number]; select: Select }[]
  readonly body: Select
}

const place = fc.nat({ max: 7 })

/** @param depth how deep subqueries may lie inside of it */
const select: fc.Memo<Select> = fc.memo((depth: number): fc.Arbitrary<Select> => {
  const inner = depth > 1 ? select(depth - 1) : undefined
  const table = fc.record({ table: fc.constantFrom(...TABLES) })
  const source: fc.Arbitrary<Source> = inner
    ? fc.oneof({ arbitrary: table, weight: 3 }, fc.record({ select: inner }))
    : table
  const join: fc.Arbitrary<Join> = fc.oneof(
    {
      arbitrary: fc.record({
        how: fc.constantFrom('inner', 'left', 'right', 'full', 'cross'),
        source,
        on: condition(depth),
      }),
      weight: 4,
    },
    ...(inner
      ? [fc.record({ how: fc.constantFrom('lateral' as const, 'leftLateral' as const), of: inner })]
      : []),
  )
  const set =
    inner &&
    fc.record({ how: fc.constantFrom('union', 'except', 'intersect', 'unionAll'), select: inner })
  return fc.record({
    froms: fc.array(source, { minLength: 1, maxLength: depth > 1 ? 2 : 1 }),
    joins: fc.array(join, { maxLength: depth }),
    where: fc.option(condition(depth), { nil: undefined }),
    set: set ? fc.option(set, { nil: undefined, freq: 5 }) : fc.constant(undefined),
    pick: fc.tuple(place, place),
  }) as fc.Arbitrary<Select>
})

const condition: fc.Memo<Condition> = fc.memo((depth: number): fc.Arbitrary<Condition> => {
  const simple = fc.oneof(
    fc.record({
      kind: fc.constant('refs'),
      left: place,
      right: place,
      op: fc.constantFrom('=', '<'),
    }),
    fc.record({
      kind: fc.constant('value'),
      left: place,
      value: fc.nat({ max: 5 }),
      op: fc.constantFrom('=', '<', 'is not'),
    }),
  )
  if (depth <= 1) return simple as fc.Arbitrary<Condition>
  const inner = condition(depth - 1)
  return fc.oneof(
    { arbitrary: simple, weight: 3 },
    fc.record({ kind: fc.constant('or'), of: fc.tuple(inner, inner) }),
    fc.record({ kind: fc.constant('not'), of: inner }),
    fc.record({ kind: fc.constantFrom('exists', 'in'), left: place, select: select(depth - 1) }),
  ) as fc.Arbitrary<Condition>
})

/** Queries of up to a few dozen tables. */
export const randomQuery: fc.Arbitrary<RandomQuery> = fc.record({
  ctes: fc.uniqueArray(
    fc.record({ name: fc.constantFrom('plain', 'papers', 'authors'), select: select(2) }),
    { maxLength: 2, selector: ({ name }) => name },
  ),
  body: select(3),
})

/** A condition for a write to one table. */
export const randomCondition: fc.Arbitrary<Condition> = condition(3)

// Kysely's types cannot follow a query that is made up at run time; what is built here is seen by the server.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Loose = any

/** Builds a query for a database. */
export class QueryBuilding {
  #aliases = 0

  /** How often each row of a query comes. */
  query(db: Kysely<RandomTables>, { ctes, body }: RandomQuery): { execute(): Promise<unknown[]> } {
    let creator: Loose = db
    for (const { name, select: made } of ctes)
      creator = creator.with(name, (cte: Loose) => this.select(cte, made, []))
    const rows = this.select(db, body, [])
    return creator
      .selectFrom(rows.as('rows'))
      .select((eb: Loose) => ['id', 'k', eb.cast(eb.fn.countAll(), 'integer').as('times')])
      .groupBy(['id', 'k'])
  }

  /** @param outer the aliases of the queries around it */
  select(db: Loose, { froms, joins, where, set, pick }: Select, outer: string[]): Loose {
    const own: string[] = []
    const named = froms.map((source) => this.#source(db, source, own))
    let query = db.selectFrom(named)
    const joinable = own.slice(-1)
    for (const join of joins) query = this.#join(query, join, { joinable, own, outer, db })
    const [id, k] = pick.map((at) => own[at % own.length])
    query = query.select([`${id}.id as id`, `${k}.k as k`])
    if (where) query = query.where((eb: Loose) => this.condition(eb, where, [...own, ...outer]))
    if (set) query = query[set.how]((eb: Loose) => eb.parens(this.select(eb, set.select, outer)))
    return query
  }

  condition(eb: Loose, condition: Condition, names: string[]): Loose {
    const ref = (at: number) => `${names[at % names.length]}.${at % 2 === 0 ? 'id' : 'k'}`
    switch (condition.kind) {
      case 'refs':
        return eb(ref(condition.left), condition.op, eb.ref(ref(condition.right)))
      case 'value':
        return eb(
          ref(condition.left),
          condition.op,
          condition.op === 'is not' ? null : condition.value,
        )
      case 'or':
        return eb.or(condition.of.map((one) => this.condition(eb, one, names)))
      case 'not':
        return eb.not(this.condition(eb, condition.of, names))
      case 'exists':
        return eb.exists(this.select(eb, condition.select, names))
      default: {
        const inner = eb.selectFrom(this.select(eb, condition.select, names).as('inside'))
        return eb(ref(condition.left), 'in', inner.select('inside.id'))
      }
    }
  }

  #source(db: Loose, source: Source, names: string[]): Loose {
    const alias = this.#alias(names)
    if ('table' in source) return `${source.table} as ${alias}`
    return this.select(db, source.select, []).as(alias)
  }

  #join(
    query: Loose,
    join: Join,
    { joinable, own, outer, db }: { joinable: string[]; own: string[]; outer: string[]; db: Loose },
  ): Loose {
    if ('of' in join) {
      const around = [...joinable, ...outer]
      const alias = this.#alias(own)
      const inside = (eb: Loose) => this.select(eb, join.of, around).as(alias)
      joinable.push(alias)
      const method = join.how === 'lateral' ? 'innerJoinLateral' : 'leftJoinLateral'
      return query[method](inside, (on: Loose) => on.onTrue())
    }
    const { how, source, on } = join
    const [left = ''] = joinable.slice(-1)
    const table = this.#source(db, source, own)
    const alias = own.at(-1) as string
    joinable.push(alias)
    if (how === 'cross') return query.crossJoin(table)
    const method = `${how}Join`
    // The server makes a full join of nothing but equal columns.
    if (how === 'full') return query[method](table, `${left}.k`, `${alias}.k`)
    return query[method](table, (one: Loose) =>
      one.on((eb: Loose) => this.condition(eb, on, [...joinable.slice(-2), ...outer])),
    )
  }

  #alias(names: string[]): string {
    this.#aliases += 1
    const alias = `t${this.#aliases}`
    names.push(alias)
    return alias
  }
}
