import fc from 'fast-check'
import type { Compilable, Kysely } from 'kysely'
import { jsonArrayFrom, jsonBuildObject, jsonObjectFrom } from 'kysely/helpers/postgres'
import {
  type AnyTables,
  type Column,
  type Condition,
  column,
  condition,
  some,
  type TABLES,
  table,
  type Values,
} from './random-conditions.ts'

/** Makes a query of one shape, with these values. */
export type QueryMaker = (db: Kysely<AnyTables>, value: Values) => Compilable

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
