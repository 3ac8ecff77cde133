import fc from 'fast-check'
import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely'

const COLUMNS = ['id', 'ownerId', 'createdAt', 'someLongName', 'x2y', 'URLPath'] as const
export type Column = (typeof COLUMNS)[number]
type Table = Record<Column, unknown>
/** Tables of any name, all alike. */
export interface AnyTables {
  users: Table
  blogPosts: Table
  tagList: Table
}
export const TABLES = ['users', 'blogPosts', 'tagList'] as const
const OPERATORS = ['=', '<>', '<', '>=', 'like', 'is distinct from', '@>', '||'] as const

/** Gives the values of a query, one after the other. */
export type Values = () => unknown
type Eb = ExpressionBuilder<AnyTables, keyof AnyTables>
export type Condition = (eb: Eb, value: Values) => Expression<SqlBool>

export const column = fc.constantFrom(...COLUMNS)
export const table = fc.constantFrom(...TABLES)
const operator = fc.constantFrom(...OPERATORS)
const literal = fc.oneof(fc.integer(), fc.string({ maxLength: 5 }), fc.boolean(), fc.constant(null))
const listLength = fc.integer({ min: 0, max: 4 })
export const some = <T>(of: fc.Arbitrary<T>, maxLength = 3) =>
  fc.array(of, { minLength: 1, maxLength })

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

export const { condition } = fc.letrec<{ condition: Condition }>((tie) => {
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
