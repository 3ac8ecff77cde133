export type { Codec } from './codec/codec.ts'
export { uuidv7 } from './codec/uuid-v7.ts'
export { ContextError } from './errors/context-error.ts'
export { StaleError, type StaleVersions } from './errors/stale-error.ts'
export type { Behaviour, ContextReader } from './model/behaviour.ts'
export {
  Column,
  type ColumnCheck,
  type ColumnDefault,
  type ColumnDefinition,
  type ColumnTrait,
  type DeclaredType,
  type Generation,
  type Identity,
} from './model/column.ts'
export type {
  Check,
  Constraints,
  Deferrable,
  Exclusion,
  ExclusionKey,
  ForeignKey,
  Index,
  IndexKey,
  KeyOrder,
  Named,
  Unique,
} from './model/constraint.ts'
export { ddlOf } from './model/ddl.ts'
export { softDelete, tenant, timestamps, uuidKey, versioned } from './model/mixins.ts'
export {
  type ChangeOf,
  type Columns,
  defineModel,
  type InputOf,
  type InsertOf,
  type Model,
  type ModelOptions,
  type PublicRowOf,
  type RowOf,
  type TableOf,
  type UpdateOf,
} from './model/model.ts'
export { type ReadableOf, readable } from './model/readable.ts'
export type { DatabaseOf, Models } from './model/registry.ts'
export {
  type BelongsToOptions,
  type Bridge,
  belongsTo,
  type ForeignKeyRule,
  type HasOptions,
  hasMany,
  hasOne,
  type KeyColumns,
  type ManyToManyOptions,
  manyToMany,
  type ReferentialAction,
  type Relation,
  type RelationKind,
  type Relations,
} from './model/relation.ts'
export type { StandardIssue, StandardResult, StandardSchema } from './model/standard-schema.ts'
export { validate } from './model/validate.ts'
export { withBehaviour } from './model/with-behaviour.ts'
export { atVersion } from './rewrite/at-version.ts'
export { purge, restore } from './rewrite/deleted-rows.ts'
export { hardDelete } from './rewrite/hard-delete.ts'
export { unscoped } from './rewrite/unscoped.ts'
