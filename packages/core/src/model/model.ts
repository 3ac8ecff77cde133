import type { ColumnType, Insertable, Updateable } from 'kysely'
import { UsageError } from '../errors/usage-error.ts'
import type { Column } from './column.ts'
import type { Check, Constraints, Exclusion, ForeignKey, Index, Unique } from './constraint.ts'
import { toSnakeCase } from './naming.ts'
import type { Relation, RelationKind, Relations } from './relation.ts'
import { assertNames } from './table-names.ts'

/** The columns of a model, by their names in TypeScript. */
// biome-ignore lint/suspicious/noExplicitAny: a column's types are invariant; any is what "some column" means here
export type Columns = Readonly<Record<string, Column<any, any, any, any>>>

/** A table, declared once: its name in TypeScript and in PostgreSQL, its columns, and how its rows belong to those of others. */
export interface Model<
  Name extends string = string,
  C extends Columns = Columns,
  R extends Relations = Relations,
> {
  readonly name: Name
  readonly table: string
  /** The PostgreSQL schema; undefined is the first of the search path. */
  readonly schema: string | undefined
  readonly columns: C
  readonly relations: R
  /** The names of the columns of the primary key, in their order; empty without one. */
  readonly primaryKey: readonly string[]
  readonly indexes: readonly Index[]
  readonly uniques: readonly Unique[]
  readonly checks: readonly Check[]
  readonly foreignKeys: readonly ForeignKey[]
  readonly exclusions: readonly Exclusion[]
  readonly comment: string | undefined
}

/** What a model has besides its columns, `Name` the names of its columns. */
export interface ModelOptions<R extends Relations, Name extends string = string>
  extends Constraints<Name> {
  /** Its name in PostgreSQL. @default the name in snake_case */
  readonly table?: string
  /** The PostgreSQL schema. @default the first of the search path */
  readonly schema?: string
  readonly relations?: R
  /** What the database says of it to whoever looks at the schema. */
  readonly comment?: string
}

/** The type of a model's table, as Kysely wants it. */
export type TableOf<M extends Model> = {
  [Key in keyof M['columns']]: ColumnType<
    M['columns'][Key]['types']['select'],
    M['columns'][Key]['types']['insert'],
    M['columns'][Key]['types']['update']
  >
}

/** A row as it is read. */
export type RowOf<M extends Model> = Flat<{
  [Key in keyof M['columns']]: M['columns'][Key]['types']['select']
}>

/** What an insert takes. */
export type InsertOf<M extends Model> = Insertable<TableOf<M>>

/** What an update takes. */
export type UpdateOf<M extends Model> = Updateable<TableOf<M>>

/** The names of a model's columns with one of these traits. */
export type ColumnsWith<M extends Model, Trait> = {
  [Key in keyof M['columns'] & string]: Trait & M['columns'][Key]['types']['trait'] extends never
    ? never
    : Key
}[keyof M['columns'] & string]

/** A row as others may see it: without the hidden columns. */
export type PublicRowOf<M extends Model> = Flat<Omit<RowOf<M>, ColumnsWith<M, 'hidden'>>>

/** What an insert takes from outside: without the guarded columns. */
export type InputOf<M extends Model> = Flat<Omit<InsertOf<M>, ColumnsWith<M, 'guarded'>>>

/** What an update takes from outside: without the guarded columns. */
export type ChangeOf<M extends Model> = Flat<Omit<UpdateOf<M>, ColumnsWith<M, 'guarded'>>>

/** The same type, shown by its properties instead of by how it was made. */
type Flat<T> = { [Key in keyof T]: T[Key] } & {}

/** A relation that a model with these columns can have. */
type RelationFrom<Name extends string> = Relation<RelationKind, string, Name>

/**
 * A table by its name in TypeScript, `userRoles` for the table `user_roles`, and its columns.
 *
 * @throws {UsageError} `MODEL_EMPTY` without columns, `MODEL_RELATION` if a relation has a column's name, `MODEL_COLUMN` if a constraint
 *   names a column that is none, `MODEL_NAME_TAKEN` if two names would be the same in PostgreSQL, `MODEL_NAME_LONG` above 63 bytes
 */
export function defineModel<
  const Name extends string,
  C extends Columns,
  R extends Readonly<Record<string, RelationFrom<keyof C & string>>> = Record<never, never>,
>(
  name: Name,
  columns: C,
  options: ModelOptions<R, NoInfer<keyof C & string>> = {},
): Model<Name, C, R> {
  const { table = toSnakeCase(name), schema, relations, comment } = options
  const { indexes = [], uniques = [], checks = [], foreignKeys = [], exclusions = [] } = options
  if (Object.keys(columns).length === 0)
    throw new UsageError('MODEL_EMPTY', `model ${name} has no columns`)
  for (const relation of Object.keys(relations ?? {})) {
    if (!(relation in columns)) continue
    throw new UsageError(
      'MODEL_RELATION',
      `model ${name} has a column and a relation ${relation}: name one of them differently`,
    )
  }
  const primaryKey = Object.keys(columns).filter((key) => columns[key]?.definition.primaryKey)
  const model = Object.freeze({
    name,
    table,
    schema,
    columns: Object.freeze({ ...columns }),
    relations: Object.freeze({ ...relations }) as R,
    primaryKey: Object.freeze(primaryKey),
    indexes: Object.freeze([...indexes]),
    uniques: Object.freeze([...uniques]),
    checks: Object.freeze([...checks]),
    foreignKeys: Object.freeze([...foreignKeys]),
    exclusions: Object.freeze([...exclusions]),
    comment,
  })
  assertNames(model)
  return model
}
