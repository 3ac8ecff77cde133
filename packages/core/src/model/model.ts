import type { ColumnType, Insertable, Selectable, Updateable } from 'kysely'
import { UsageError } from '../errors/usage-error.ts'
import type { Column } from './column.ts'
import { toSnakeCase } from './naming.ts'

/** The columns of a model, by their names in TypeScript. */
// biome-ignore lint/suspicious/noExplicitAny: a column's three types are invariant; any is what "some column" means here
export type Columns = Readonly<Record<string, Column<any, any, any>>>

/** A table, declared once: its name in TypeScript and in PostgreSQL, and its columns. */
export interface Model<Name extends string = string, C extends Columns = Columns> {
  readonly name: Name
  readonly table: string
  readonly columns: C
}

/** The type of a model's table, as Kysely wants it. */
export type TableOf<M extends Model> = {
  [Key in keyof M['columns']]: M['columns'][Key] extends Column<
    infer Select,
    infer Insert,
    infer Update
  >
    ? ColumnType<Select, Insert, Update>
    : never
}

/** A row as it is read. */
export type RowOf<M extends Model> = Selectable<TableOf<M>>

/** What an insert takes. */
export type InsertOf<M extends Model> = Insertable<TableOf<M>>

/** What an update takes. */
export type UpdateOf<M extends Model> = Updateable<TableOf<M>>

/**
 * A table by its name in TypeScript, `userRoles` for the table `user_roles`, and its columns.
 *
 * @throws {UsageError} `MODEL_EMPTY` without columns
 */
export function defineModel<const Name extends string, C extends Columns>(
  name: Name,
  columns: C,
): Model<Name, C> {
  if (Object.keys(columns).length === 0)
    throw new UsageError('MODEL_EMPTY', `model ${name} has no columns`)
  return Object.freeze({ name, table: toSnakeCase(name), columns: Object.freeze({ ...columns }) })
}
