import type { Expression, SqlBool } from 'kysely'

/** Gives an entry of the session's context to a behaviour; a query that reads one is refused where the context has none. */
export type ContextReader = (entry: string) => Expression<string>

/**
 * A rule of a model that lives in one of its columns, and reaches every query that is built over the model. What it adds to a query is the
 * same each time: constants, `now()`, the column itself, and entries of the context.
 */
export interface Behaviour {
  /** The name that `unscoped` takes. */
  readonly name: string
  /** Which rows are seen. @param column the column, qualified */
  scope?(column: Expression<unknown>, context: ContextReader): Expression<SqlBool>
  /** The one value that a row may be written with; an insert that leaves the column out writes it. Lifted with the scope. */
  owner?(context: ContextReader): Expression<unknown>
  /** What an update sets the column to, unless it sets it itself. @param column the column, qualified */
  onUpdate?(column: Expression<unknown>): Expression<unknown>
  /** What a delete sets the column to instead of removing the row. */
  onDelete?(): Expression<unknown>
}
