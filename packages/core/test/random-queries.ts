import fc from 'fast-check'
import {
  type Compilable,
  type Expression,
  type ExpressionBuilder,
  type Kysely,
  type SqlBool,
  sql,
} from 'kysely'
import { jsonArrayFrom, jsonBuildObject, jsonObjectFrom } from 'kysely/helpers/postgres'

const COLUMNS = ['id', 'ownerId', 'createdAt', 'someLongName', 'x2y', 'URLPath'] as const
type Column = (typeof COLUMNS)[number]
type Table = Record<Column, unknown>
/** Tables of any name, all alike. */
export interface AnyTables {
  users: Table
  blogPosts: Table
  tagList: Table
}
const TABLES = ['users', 'blogPosts', 'tagList'] as const
const OPERATORS = ['=', '<>', '<', '>=', 'like', 'is distinct from', '@>', '||'] as const

/** Gives the values of a query, one after the other. */
export type Values = () => unknown
type Eb = ExpressionBuilder<AnyTables, keyof AnyTables>
type Condition = (eb: Eb, value: Values) => Expression<SqlBool>
/** Makes a query of one shape, with these values. */
export type QueryMaker = (db: Kysely<AnyTables>, value: Values) => Compilable

const column = fc.constantFrom(...COLUMNS)
const table = fc.constantFrom(...TABLES)
const operator = fc.constantFrom(...OPERATORS)
const literal = fc.oneof(fc.integer(), fc.string({ maxLength: 5 }), fc.boolean(), fc.constant(null))
const listLength = fc.integer({ min: 0, max: 4 })
const some = <T>(of: fc.Arbitrary<T>, maxLength = 3) => fc.array(of, { minLength: 1, maxLength })

/** Any value that a parameter may have. */
export const anyValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.bigInt(),
  fc.date(),
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.integer(), { maxLength: 3 }),
  fc.record({ kind: fc.constantFrom('ValueNode', 'x'), n: fc.integer() }),
)

const asBool = (expression: unknown) => expression as Expression<SqlBool>

const { condition } = fc.letrec<{ condition: Condition }>((tie) => {
  const inner = tie('condition') as fc.Arbitrary<Condition>
  const compare = fc.tuple(column, operator).map<Condition>(
    ([name, op]) =>
      (eb, value) =>
        asBool(eb(name, op as '=', value())),
  )
  const inList = fc.tuple(column, listLength, fc.constantFrom('in', 'not in')).map<Condition>(
    ([name, length, op]) =>
      (eb, value) =>
        asBool(eb(name, op as 'in', Array.from({ length }, value))),
  )
  const between = column.map<Condition>(
    (name) => (eb, value) => asBool(eb.between(name, value(), value())),
  )
  const shared = fc.tuple(column, column).map<Condition>(([one, other]) => (eb, value) => {
    const once = eb.val(value())
    // Of one shape, and yet now one node in two places and now two nodes.
    const twice = value() ? once : eb.val(value())
    return asBool(
      eb.or([
        asBool(eb(one, '=', once)),
        asBool(eb(other, '<>', twice)),
        asBool(eb(one, '<', eb.val(value()))),
      ]),
    )
  })
  const raw = fc.tuple(column, literal).map<Condition>(([name, text]) => (eb, value) => {
    return sql<SqlBool>`coalesce(${eb.ref(name)}, ${value()}) = any(${value()}) or ${sql.lit(text)} = ${sql.id('Odd"Id')}`
  })
  const immediate = fc.tuple(column, fc.integer()).map<Condition>(
    ([name, n]) =>
      (eb, value) =>
        asBool(
          eb(
            name,
            '=',
            eb
              .case()
              .when(eb(name, '=', value() as never))
              .then(value())
              .when(eb.lit(true))
              .then(eb.lit(n))
              .else(value())
              .end(),
          ),
        ),
  )
  const list = fc.tuple(column, column, listLength).map<Condition>(
    ([one, other, length]) =>
      (eb, value) =>
        asBool(
          eb(eb.refTuple(one, other), 'in', [
            eb.tuple(value(), value()),
            ...Array.from({ length }, () => eb.tuple(value(), value())),
          ]),
        ),
  )
  const exists = fc.tuple(table, column, inner).map<Condition>(
    ([name, ref, where]) =>
      (eb, value) =>
        asBool(
          eb.exists(
            eb
              .selectFrom(name)
              .select(ref)
              .where((sub) => where(sub as never, value)),
          ),
        ),
  )
  const both = fc.tuple(fc.constantFrom('and', 'or'), some(inner)).map<Condition>(
    ([how, all]) =>
      (eb, value) =>
        asBool(eb[how as 'and'](all.map((one) => one(eb, value)))),
  )
  const not = inner.map<Condition>((one) => (eb, value) => asBool(eb.not(one(eb, value))))
  return {
    condition: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      compare,
      inList,
      between,
      shared,
      raw,
      immediate,
      list,
      exists,
      both,
      not,
    ),
  }
})

interface SelectParts {
  readonly from: (typeof TABLES)[number]
  readonly columns: Column[]
  readonly where: Condition[]
  readonly joins: { table: (typeof TABLES)[number]; how: string; left: Column; right: Column }[]
  readonly extra: 'json' | 'window' | 'distinct' | 'union' | 'lock' | undefined
  readonly limit: boolean
}

const selectParts: fc.Arbitrary<SelectParts> = fc.record({
  from: table,
  columns: some(column),
  where: fc.array(condition, { maxLength: 3 }),
  joins: fc.array(
    fc.record({
      table,
      how: fc.constantFrom('innerJoin', 'leftJoin'),
      left: column,
      right: column,
    }),
    { maxLength: 2 },
  ),
  extra: fc.constantFrom('json', 'window', 'distinct', 'union', 'lock', undefined),
  limit: fc.boolean(),
})

function selectOf(db: Pick<Kysely<AnyTables>, 'selectFrom'>, parts: SelectParts, value: Values) {
  const { from, columns, where, joins, extra, limit } = parts
  // Which columns belong to which table does not matter here: nothing is run.
  let query = db.selectFrom(from).select(columns as never[]) as unknown as ReturnType<typeof start>
  for (const { table: joined, how, left, right } of joins) {
    query = query[how as 'innerJoin'](joined, (join) =>
      join.onRef(left, '=', right).on(left, '>', value()),
    ) as never
  }
  for (const one of where) query = query.where((eb) => one(eb as never, value)) as never
  if (extra === 'distinct')
    query = query.distinctOn(columns[0] as Column).orderBy(columns[0] as Column) as never
  if (extra === 'window')
    query = query
      .select((eb) =>
        eb.fn
          .agg('rank')
          .over((over) => over.partitionBy('id').orderBy('ownerId'))
          .as('theRank'),
      )
      .groupBy('id')
      .having('id', '>', value()) as never
  if (extra === 'json')
    query = query.select((eb) => [
      jsonArrayFrom(
        eb.selectFrom('tagList').select(['id', 'x2y']).where('ownerId', '=', value()),
      ).as('allTags'),
      jsonObjectFrom(eb.selectFrom('users').select('createdAt').where('id', '=', value())).as(
        'theUser',
      ),
      jsonBuildObject({ someKey: eb.val(value()), other: eb.ref('ownerId') }).as('builtObject'),
    ]) as never
  if (extra === 'lock') query = query.forUpdate().skipLocked() as never
  if (limit) query = query.limit(value() as number).offset(value() as number) as never
  if (extra === 'union')
    return query.unionAll(db.selectFrom('users').select('id').where('id', '=', value()) as never)
  return query
}
const start = (db: Kysely<AnyTables>) => db.selectFrom('users').select('id')

const rowsOf = (names: Column[], count: number, ragged: boolean, value: Values) =>
  Array.from({ length: count }, (_, at) =>
    Object.fromEntries((ragged && at > 0 ? names.slice(1) : names).map((name) => [name, value()])),
  ) as never

const select = selectParts.map<QueryMaker>((parts) => (db, value) => selectOf(db, parts, value))
const withCte = fc.tuple(selectParts, selectParts).map<QueryMaker>(
  ([cte, outer]) =>
    (db, value) =>
      selectOf(
        db.with('recentOnes', (inner) => selectOf(inner as never, cte, value) as never) as never,
        outer,
        value,
      ),
)
const insert = fc
  .tuple(
    table,
    fc.uniqueArray(column, { minLength: 2 }),
    fc.integer({ min: 1, max: 4 }),
    fc.constantFrom('nothing', 'update', 'where', undefined),
    fc.boolean(),
    condition,
  )
  .map<QueryMaker>(([into, names, count, conflict, ragged, where]) => (db, value) => {
    let query = db.insertInto(into).values(rowsOf(names, count, ragged, value))
    const [key] = names as [Column]
    if (conflict === 'nothing') query = query.onConflict((on) => on.column(key).doNothing())
    if (conflict === 'update')
      query = query.onConflict((on) =>
        on
          .columns(names as never)
          .doUpdateSet(
            (eb) => ({ [key]: eb.ref(`excluded.${key}` as never), ownerId: value() }) as never,
          ),
      )
    if (conflict === 'where')
      query = query.onConflict((on) =>
        on
          .column(key)
          .doUpdateSet({ ownerId: value() } as never)
          .where((eb) => where(eb as never, value)),
      ) as never
    return query.returning(names as never[])
  })
const update = fc
  .tuple(table, fc.uniqueArray(column, { minLength: 1 }), condition, fc.boolean())
  .map<QueryMaker>(([name, names, where, from]) => (db, value) => {
    const set = Object.fromEntries(names.map((one) => [one, value()]))
    const query = db
      .updateTable(name)
      .set(set as never)
      .where((eb) => where(eb as never, value))
    return from ? query.from('users as otherUsers').returningAll() : query
  })
const remove = fc.tuple(table, condition).map<QueryMaker>(
  ([name, where]) =>
    (db, value) =>
      db.deleteFrom(name).where((eb) => where(eb as never, value)),
)

/** Makers of queries of any shape. */
export const anyQuery: fc.Arbitrary<QueryMaker> = fc.oneof(select, withCte, insert, update, remove)
