import type { Expression } from 'kysely'

/** A rule of a model that lives in one of its columns, and reaches every query that is built over the model. */
export interface Behaviour {
  /** The name that `unscoped` takes. */
  readonly name: string
  /** Which rows are seen. @param column the column, qualified */
  scope?(column: Expression<unknown>): Expression<boolean>
  /** What an update sets the column to, unless it sets it itself. @param column the column, qualified */
  onUpdate?(column: Expression<unknown>): Expression<unknown>
  /** What a delete sets the column to instead of removing the row. */
  onDelete?(): Expression<unknown>
}
