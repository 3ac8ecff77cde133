import type { ExpressionBuilder } from 'kysely'
import { UsageError } from '../errors/usage-error.ts'
import type { Model, RowOf } from '../model/model.ts'
import { type ReadableOf, readable } from '../model/readable.ts'
import type { AnyDatabase, AnySelect } from './loose.ts'
import { assertColumn, narrowed, type Where } from './where.ts'

/** The name of a column. */
export type ColumnOf<M extends Model> = keyof M['columns'] & string

/** Rows of these columns. */
export type Picked<M extends Model, Column extends ColumnOf<M>> = {
  [Key in Column & keyof RowOf<M>]: RowOf<M>[Key]
}

/** Which columns of a row are wanted. */
export interface SelectOptions<M extends Model, Column extends ColumnOf<M>> {
  /** @default all but the hidden ones */
  readonly select?: readonly Column[]
}

/** Which rows are wanted. */
export interface FilterOptions<M extends Model> {
  /** @default all rows */
  readonly where?: Where<M>
}

/** Which rows come first. */
export interface OrderOptions<M extends Model> {
  /** In the order of its keys; ties, and rows without an order, by primary key. */
  readonly orderBy?: { readonly [Key in ColumnOf<M>]?: 'asc' | 'desc' }
}

/** Which part of a list is wanted. */
export interface ListOptions<M extends Model, Column extends ColumnOf<M> = ReadableOf<M>>
  extends SelectOptions<M, Column>,
    FilterOptions<M>,
    OrderOptions<M> {
  /** At most so many rows. @default all */
  readonly limit?: number
  /** After so many. @default 0 */
  readonly offset?: number
}

/** What `list` and its like are told, whatever the model. */
export interface AnyListOptions {
  readonly select?: readonly string[]
  readonly where?: object
  readonly orderBy?: Readonly<Record<string, 'asc' | 'desc' | undefined>>
  readonly limit?: number
  readonly offset?: number
}

/** Selects columns, all but the hidden ones unless they are named. */
export function selected(
  query: AnySelect,
  model: Model,
  { select = readable(model) as string[] }: AnyListOptions,
): AnySelect {
  for (const column of select) assertColumn(model, column)
  return query.select([...select] as (keyof AnyDatabase[string] & string)[])
}

/**
 * A query over the part of a model's rows that is wanted.
 *
 * @throws {UsageError} `QUERY_COLUMN`, `QUERY_UNDEFINED`, `QUERY_LIMIT` if limit or offset is not a whole number of 0 or more
 */
export function listed(query: AnySelect, model: Model, options: AnyListOptions): AnySelect {
  const { where, orderBy = {}, limit, offset } = options
  let list = narrowed(selected(query, model, options), model, where)
  for (const [column, direction] of ordersOf(model, orderBy)) list = list.orderBy(column, direction)
  if (limit !== undefined) list = list.limit(counted('limit', limit))
  if (offset !== undefined) list = list.offset(counted('offset', offset))
  return list
}

/** Tells how many rows there are without limit and offset, beside each row. */
export function totalled(query: AnySelect, name: string): AnySelect {
  return query.select((e: ExpressionBuilder<AnyDatabase, string>) =>
    e.fn.countAll<bigint>().over().as(name),
  )
}

function ordersOf(
  model: Model,
  orderBy: NonNullable<AnyListOptions['orderBy']>,
): [string, 'asc' | 'desc'][] {
  const asked = Object.entries(orderBy).flatMap(([column, direction]) => {
    assertColumn(model, column)
    return direction === undefined ? [] : [[column, direction] as [string, 'asc' | 'desc']]
  })
  const ties = model.primaryKey.filter((column) => orderBy[column] === undefined)
  return [...asked, ...ties.map((column) => [column, 'asc'] as [string, 'asc'])]
}

function counted(what: 'limit' | 'offset', count: number): number {
  if (Number.isSafeInteger(count) && count >= 0) return count
  throw new UsageError('QUERY_LIMIT', `${what} has to be a whole number of 0 or more`)
}
