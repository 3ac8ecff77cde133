import type { ConstraintRow, IndexRow, NotNullRow, PolicyRow, TriggerRow } from './part-queries.ts'
import type { ColumnRow, RelationRow, SequenceRow } from './relation-queries.ts'
import type { ExtensionRow, RoutineRow, SchemaRow, TypeRow } from './schema-queries.ts'

/** What the server answered, query by query. */
export interface Rows {
  readonly schemas: readonly SchemaRow[]
  readonly extensions: readonly ExtensionRow[]
  readonly types: readonly TypeRow[]
  readonly sequences: readonly SequenceRow[]
  readonly relations: readonly RelationRow[]
  readonly columns: readonly ColumnRow[]
  readonly constraints: readonly ConstraintRow[]
  readonly notNulls: readonly NotNullRow[]
  readonly indexes: readonly IndexRow[]
  readonly triggers: readonly TriggerRow[]
  readonly policies: readonly PolicyRow[]
  readonly routines: readonly RoutineRow[]
}
