import type { Expression } from 'kysely'
import type { KeyColumns, ReferentialAction } from './relation.ts'

/** What every constraint and index may say of itself. */
export interface Named {
  /** Its name in PostgreSQL, at most 63 bytes. @default by the convention `<table>_<columns>_<key | idx | fkey | check | excl>` */
  readonly name?: string
  /** What the database says of it to whoever looks at the schema. */
  readonly comment?: string
}

/** Whether a constraint may be checked later than at once: on request, or at COMMIT unless asked otherwise. */
export type Deferrable = boolean | 'initially deferred'

/** How one key of an index is sorted and compared. */
export interface KeyOrder {
  /** @default 'asc' */
  readonly order?: 'asc' | 'desc'
  /** @default last when ascending, first when descending */
  readonly nulls?: 'first' | 'last'
  /** The operator class, as text_pattern_ops or gin_trgm_ops. */
  readonly opclass?: string
  /** The name of a collation, as C. */
  readonly collate?: string
}

/** One key of an index: a column, an expression as sql`lower(email)`, or either of them with its order. */
export type IndexKey<Name extends string = string> =
  | Name
  | Expression<unknown>
  | ({ readonly column: Name } & KeyOrder)
  | ({ readonly expression: Expression<unknown> } & KeyOrder)

/** An index of a table. */
export interface Index<Name extends string = string> extends Named {
  /** What is looked up, in this order. */
  readonly on: IndexKey<Name> | readonly IndexKey<Name>[]
  /** No two rows have the same keys. @default false */
  readonly unique?: boolean
  /** Only rows for which this holds are in it. */
  readonly where?: Expression<unknown>
  /** The access method. @default 'btree' */
  readonly using?: 'btree' | 'hash' | 'gin' | 'gist' | 'spgist' | 'brin' | (string & {})
  /** Columns that are read from the index and not looked up by it. */
  readonly include?: KeyColumns<Name>
  /** A unique index takes null for a value like others. @default false */
  readonly nullsNotDistinct?: boolean
  /** Storage parameters, as `fillfactor`. */
  readonly with?: Readonly<Record<string, string | number | boolean>>
}

/** No two rows have the same values in these columns. */
export interface Unique<Name extends string = string> extends Named {
  readonly on: KeyColumns<Name>
  /** Takes null for a value like others. @default false */
  readonly nullsNotDistinct?: boolean
  readonly include?: KeyColumns<Name>
  /** @default false */
  readonly deferrable?: Deferrable
}

/** A condition that every row fulfils. */
export interface Check<Name extends string = string> extends Named {
  readonly check: Expression<unknown>
  /** The columns that it is named after. */
  readonly on?: KeyColumns<Name>
  /** Rows that are there already are not looked at. @default false */
  readonly notValid?: boolean
}

/** Rows of this table refer to rows of another one; for a reference that is no `belongsTo`. */
export interface ForeignKey<Name extends string = string> extends Named {
  readonly on: KeyColumns<Name>
  /** The name of the model that is referred to. */
  readonly references: string
  /** Columns of that model. @default its primary key */
  readonly columns?: KeyColumns<string>
  /** @default 'no action' */
  readonly onDelete?: ReferentialAction
  /** @default 'no action' */
  readonly onUpdate?: ReferentialAction
  /** `full`: either all of its columns are null or none. @default 'simple' */
  readonly match?: 'simple' | 'full'
  /** @default false */
  readonly deferrable?: Deferrable
  /** Rows that are there already are not looked at. @default false */
  readonly notValid?: boolean
}

/** One key of an exclusion, and the operator that finds two rows in conflict. */
export type ExclusionKey<Name extends string = string> = { readonly with: string } & KeyOrder &
  ({ readonly column: Name } | { readonly expression: Expression<unknown> })

/** No two rows are in conflict by all of these operators. */
export interface Exclusion<Name extends string = string> extends Named {
  readonly on: readonly ExclusionKey<Name>[]
  /** @default 'gist' */
  readonly using?: 'gist' | 'spgist' | 'btree' | 'hash' | (string & {})
  readonly where?: Expression<unknown>
  /** @default false */
  readonly deferrable?: Deferrable
}

/** What a table keeps true and looks up fast, in terms of its columns. */
export interface Constraints<Name extends string = string> {
  readonly indexes?: readonly Index<Name>[]
  readonly uniques?: readonly Unique<Name>[]
  readonly checks?: readonly Check<Name>[]
  readonly foreignKeys?: readonly ForeignKey<Name>[]
  readonly exclusions?: readonly Exclusion<Name>[]
}
