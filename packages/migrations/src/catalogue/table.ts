import type { InSchema, SequenceOptions } from './plain-object.ts'
import type { Trigger } from './trigger.ts'

/** A table or a partition of one, with all that is a part of it. */
export interface Table extends InSchema {
  readonly unlogged: boolean
  /** As in `RANGE (created_at)`, if it has partitions. */
  readonly partitionKey?: string
  readonly partitionOf?: { readonly schema: string; readonly table: string; readonly bound: string }
  /** Tables that it inherits from, in order. */
  readonly inherits: readonly { readonly schema: string; readonly table: string }[]
  /** Storage parameters, as in `fillfactor=70`. */
  readonly options: readonly string[]
  readonly accessMethod?: string
  readonly rowSecurity: boolean
  readonly forceRowSecurity: boolean
  readonly replicaIdentity: 'default' | 'full' | 'nothing' | { readonly index: string }
  /** In the order of the table, which is not compared. */
  readonly columns: readonly Column[]
  readonly constraints: readonly Constraint[]
  readonly indexes: readonly Index[]
  readonly triggers: readonly Trigger[]
  readonly policies: readonly Policy[]
}

/** A column. At most one of `default`, `identity`, `serial` and `generated` is there. */
export interface Column {
  readonly name: string
  /** With its arguments, as in `character varying(30)` or `public.mood[]`. */
  readonly type: string
  readonly notNull: boolean
  /** The name of its NOT NULL (PostgreSQL 18), if it is not the usual one; it is not compared. */
  readonly notNullName?: string
  readonly default?: string
  readonly identity?: Identity
  /** A default that counts with a sequence of the column's own. */
  readonly serial?: ColumnSequence
  readonly generated?: { readonly expression: string; readonly stored: boolean }
  /** Where it is not that of the type. */
  readonly collation?: string
  /** Where it is not that of the type: `plain`, `external`, `extended` or `main`. */
  readonly storage?: string
  /** That of the type, if `storage` is there. */
  readonly usualStorage?: string
  readonly compression?: string
  /** It comes from the parent of the table alone. */
  readonly inherited: boolean
  readonly comment?: string
}

/** The sequence of an identity or serial column. Its name is not compared. */
export interface ColumnSequence {
  readonly schema: string
  readonly name: string
  readonly options: SequenceOptions
}

/** An identity column's sequence, and whether a given value is refused. */
export interface Identity extends ColumnSequence {
  readonly always: boolean
}

/** A constraint of a table. NOT NULL is a property of a column. */
export interface Constraint {
  readonly name: string
  readonly type: 'primaryKey' | 'unique' | 'check' | 'foreignKey' | 'exclude'
  readonly columns: readonly string[]
  /** As after `ADD CONSTRAINT name`, without NOT VALID. */
  readonly definition: string
  readonly validated: boolean
  /** Of the index behind it, as in `fillfactor=70`. */
  readonly options: readonly string[]
  /** Whether the index behind it is usable. */
  readonly indexValid: boolean
  readonly deferrable: boolean
  readonly initiallyDeferred: boolean
  readonly nullsNotDistinct?: true
  /** PERIOD, or WITHOUT OVERLAPS. */
  readonly period?: true
  readonly include?: readonly string[]
  readonly expression?: string
  readonly references?: References
  readonly comment?: string
}

/** The other end of a foreign key. */
export interface References {
  readonly schema: string
  readonly table: string
  readonly columns: readonly string[]
  readonly onDelete: ForeignKeyAction
  readonly onUpdate: ForeignKeyAction
  readonly matchFull: boolean
}

/** What happens to a row whose parent goes or changes. */
export type ForeignKeyAction = 'no action' | 'restrict' | 'cascade' | 'set null' | 'set default'

/** An index that no constraint brought with it. It lives in the schema of its table. */
export interface Index {
  readonly name: string
  readonly unique: boolean
  readonly method: string
  /** What follows the table in CREATE INDEX, from USING on. */
  readonly definition: string
  readonly keys: readonly IndexKey[]
  readonly include: readonly string[]
  readonly predicate?: string
  readonly nullsNotDistinct: boolean
  /** False after a failed CREATE INDEX CONCURRENTLY. */
  readonly valid: boolean
  /** CLUSTER goes by it. */
  readonly clustered: boolean
  readonly comment?: string
}

/** A key of an index: a column, or an expression. */
export interface IndexKey {
  readonly column?: string
  readonly expression?: string
  readonly descending: boolean
  readonly nullsFirst: boolean
  /** Where it is not the default one. */
  readonly operatorClass?: string
  readonly collation?: string
}

/** A row level security policy. */
export interface Policy {
  readonly name: string
  readonly command: 'all' | 'select' | 'insert' | 'update' | 'delete'
  readonly permissive: boolean
  /** In order; `public` stands for all. */
  readonly roles: readonly string[]
  readonly using?: string
  readonly check?: string
  readonly comment?: string
}
