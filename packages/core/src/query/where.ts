import type { Expression, ExpressionBuilder, SqlBool } from 'kysely'
import { UsageError } from '../errors/usage-error.ts'
import type { Model, RowOf, TableOf } from '../model/model.ts'
import type { AnyDatabase, AnySelect } from './loose.ts'

/** The rows whose columns have these values, null included; or an expression over the model's columns. */
export type Where<M extends Model> =
  | Partial<RowOf<M>>
  | ((e: ExpressionBuilder<{ [Name in M['name']]: TableOf<M> }, M['name']>) => Expression<SqlBool>)

/**
 * A query over the rows that fulfil a condition.
 *
 * @throws {UsageError} `QUERY_COLUMN` if it names a column that is none, `QUERY_UNDEFINED` if a value is undefined: without it all rows would fit
 */
export function narrowed<Row>(
  query: AnySelect<Row>,
  model: Model,
  where: object | undefined,
): AnySelect<Row> {
  if (where === undefined) return query
  if (typeof where === 'function') return query.where(where as (e: AnyBuilder) => AnyCondition)
  return Object.entries(where).reduce((narrower, [column, value]) => {
    assertColumn(model, column)
    if (value === undefined) throw undefinedValue(model, column)
    return value === null ? narrower.where(column, 'is', null) : narrower.where(column, '=', value)
  }, query)
}

/**
 * Refuses what no column is called.
 *
 * @throws {UsageError} `QUERY_COLUMN`
 */
export function assertColumn({ name, columns }: Model, column: string): void {
  if (Object.hasOwn(columns, column)) return
  throw new UsageError('QUERY_COLUMN', `${name} has no column ${column}`)
}

type AnyBuilder = ExpressionBuilder<AnyDatabase, string>
type AnyCondition = Expression<SqlBool>

function undefinedValue({ name }: Model, column: string): UsageError {
  return new UsageError(
    'QUERY_UNDEFINED',
    `the value of ${column} that rows of ${name} are asked by is undefined: leave the column out, or give null for rows without a value`,
  )
}
