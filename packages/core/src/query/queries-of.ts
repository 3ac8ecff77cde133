import type { Kysely } from 'kysely'
import { NotFoundError } from '../errors/not-found-error.ts'
import { UsageError } from '../errors/usage-error.ts'
import type { ColumnsWith, InsertOf, Model, RowOf, TableOf } from '../model/model.ts'
import type { ReadableOf } from '../model/readable.ts'
import { type GotOrCreated, getOrCreate } from './get-or-create.ts'
import { type AnySelect, loose, selectOf } from './loose.ts'
import {
  type AnyListOptions,
  type ColumnOf,
  type FilterOptions,
  type ListOptions,
  listed,
  type OrderOptions,
  type Picked,
  type SelectOptions,
  selected,
  totalled,
} from './select-options.ts'
import { narrowed } from './where.ts'

/** A database that has the model's table. */
export type WithTable<M extends Model> = { [Name in M['name']]: TableOf<M> }

/** The value of a primary key; an object of its columns if there are several, and never without one. */
export type KeyOf<M extends Model> = [ColumnsWith<M, 'key'>] extends [never]
  ? never
  : IsOne<ColumnsWith<M, 'key'>> extends true
    ? RowOf<M>[ColumnsWith<M, 'key'> & keyof RowOf<M>]
    : Pick<RowOf<M>, ColumnsWith<M, 'key'> & keyof RowOf<M>>

/** A part of a list, and how long the whole list is. */
export interface Page<Row> {
  readonly rows: Row[]
  readonly total: number
}

/**
 * The queries that every model has. The first parameter is `engine.db`, `session.db` or any other Kysely of a database that has the model; rows
 * come without hidden columns unless `select` names them, and behaviours of the model apply as in every query.
 */
export interface Queries<M extends Model> {
  /** The row with this primary key, or undefined. */
  find<DB extends WithTable<M>, Column extends ColumnOf<M> = ReadableOf<M>>(
    db: Kysely<DB>,
    key: KeyOf<M>,
    options?: SelectOptions<M, Column>,
  ): Promise<Picked<M, Column> | undefined>

  /**
   * The row with this primary key.
   *
   * @throws {NotFoundError} `NOT_FOUND`
   */
  getOrThrow<DB extends WithTable<M>, Column extends ColumnOf<M> = ReadableOf<M>>(
    db: Kysely<DB>,
    key: KeyOf<M>,
    options?: SelectOptions<M, Column>,
  ): Promise<Picked<M, Column>>

  /** The first row of the list, or undefined. */
  first<DB extends WithTable<M>, Column extends ColumnOf<M> = ReadableOf<M>>(
    db: Kysely<DB>,
    options?: SelectOptions<M, Column> & FilterOptions<M> & OrderOptions<M>,
  ): Promise<Picked<M, Column> | undefined>

  /** The rows that fulfil a condition, in an order that is the same each time. */
  list<DB extends WithTable<M>, Column extends ColumnOf<M> = ReadableOf<M>>(
    db: Kysely<DB>,
    options?: ListOptions<M, Column>,
  ): Promise<Picked<M, Column>[]>

  /** A part of the list and the length of the whole, of one snapshot; a part beyond its end takes a second statement. */
  page<DB extends WithTable<M>, Column extends ColumnOf<M> = ReadableOf<M>>(
    db: Kysely<DB>,
    options: ListOptions<M, Column> & { readonly limit: number },
  ): Promise<Page<Picked<M, Column>>>

  /** How many rows fulfil a condition. To know whether there are any, `exists` is faster. */
  count<DB extends WithTable<M>>(db: Kysely<DB>, options?: FilterOptions<M>): Promise<number>

  /** Whether any row fulfils a condition. */
  exists<DB extends WithTable<M>>(db: Kysely<DB>, options?: FilterOptions<M>): Promise<boolean>

  /**
   * The row that has the values `by`, which a unique constraint keeps apart, or else a new one with them and with `rest`. Of several callers at
   * once one makes the row; the others wait for its commit and get it.
   *
   * @throws {ConstraintError} if a row is in the way that has other values in these columns, or that is not to be seen
   */
  getOrCreate<DB extends WithTable<M>, By extends Partial<InsertOf<M>>>(
    db: Kysely<DB>,
    by: By,
    rest: Omit<InsertOf<M>, keyof By>,
  ): Promise<GotOrCreated<Picked<M, ReadableOf<M>>>>
}

/** The queries that every model has, for this one. */
export function queriesOf<M extends Model>(model: M): Queries<M> {
  const list = (db: Kysely<never>, options: AnyListOptions = {}) =>
    listed(selectOf(db, model), model, options)
  const find = (db: Kysely<never>, key: unknown, options: AnyListOptions = {}) =>
    byKey(selected(selectOf(db, model), model, options), model, key).executeTakeFirst()
  const first = (db: Kysely<never>, options?: AnyListOptions) =>
    list(db, { ...options, limit: 1 }).executeTakeFirst()
  const count = async (db: Kysely<never>, { where }: AnyListOptions = {}) => {
    const counting = selectOf(db, model).select((e) => e.fn.countAll<bigint>().as('total'))
    return Number((await narrowed(counting, model, where).executeTakeFirstOrThrow()).total)
  }
  const queries = {
    find,
    first,
    count,
    getOrThrow: async (db: Kysely<never>, key: unknown, options?: AnyListOptions) => {
      const row = await find(db, key, options)
      if (row === undefined) throw new NotFoundError(model.name)
      return row
    },
    list: (db: Kysely<never>, options?: AnyListOptions) => list(db, options).execute(),
    page: async (db: Kysely<never>, options: AnyListOptions) => {
      const rows = await totalled(list(db, options), TOTAL).execute()
      const [head] = rows as { [TOTAL]: bigint }[]
      const isAll = head === undefined && options.limit !== 0 && !options.offset
      const total =
        head === undefined ? (isAll ? 0 : await count(db, options)) : Number(head[TOTAL])
      return { rows: rows.map(withoutTotal), total }
    },
    exists: async (db: Kysely<never>, { where }: AnyListOptions = {}) => {
      const { found } = await loose(db)
        .selectNoFrom((e) => {
          const one = e.selectFrom(model.name).select(e.lit(1).as('one')) as unknown as AnySelect
          return e.exists(narrowed(one, model, where)).as('found')
        })
        .executeTakeFirstOrThrow()
      return found === true
    },
    getOrCreate: (db: Kysely<never>, by: object, rest: object) =>
      getOrCreate(db, model, { by, rest }),
  }
  return Object.freeze(queries) as unknown as Queries<M>
}

/** Whether a union has one member: only then is all of it a part of each of them. */
type IsOne<T, All = T> = T extends unknown ? ([All] extends [T] ? true : false) : never

const TOTAL = 'aquiferTotal'

function byKey<Row>(query: AnySelect<Row>, model: Model, key: unknown): AnySelect<Row> {
  const { name, primaryKey } = model
  const [only, ...others] = primaryKey
  if (only === undefined)
    throw new UsageError(
      'QUERY_KEY',
      `${name} has no primary key: ask with \`first\` and \`where\``,
    )
  const values = others.length === 0 ? { [only]: key } : key
  const complete = typeof values === 'object' && values !== null
  const given = complete ? (values as Record<string, unknown>) : {}
  const missing = primaryKey.filter(
    (column) => given[column] === undefined || given[column] === null,
  )
  if (missing.length > 0)
    throw new UsageError(
      'QUERY_KEY',
      `the key of ${name} is ${primaryKey.join(', ')}: ${missing.join(', ')} is missing`,
    )
  return narrowed(
    query,
    model,
    Object.fromEntries(primaryKey.map((column) => [column, given[column]])),
  )
}

function withoutTotal(row: object): object {
  const { [TOTAL]: _, ...rest } = row as Record<string, unknown>
  return rest
}
