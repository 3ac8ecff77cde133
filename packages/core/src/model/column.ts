import type { Expression } from 'kysely'

/** What is known of a column at run time. */
export interface ColumnDefinition {
  /** The PostgreSQL type, as it is written in DDL. */
  readonly type: string
  readonly nullable: boolean
  readonly primaryKey: boolean
  /** Filled by the database if an insert leaves it out. */
  readonly default: Expression<unknown> | string | number | boolean | undefined
  /** Computed by the database; never written. */
  readonly generated: boolean
}

/**
 * A column: the type that is read, the one an insert takes (undefined in it: may be left out) and the one an update takes.
 * Immutable; each method gives a new column.
 */
export class Column<Select, Insert = Select, Update = Select> {
  readonly definition: ColumnDefinition
  declare readonly types: { select: Select; insert: Insert; update: Update }

  constructor(definition: ColumnDefinition) {
    this.definition = definition
  }

  /** Allows null, which is also what an insert that leaves the column out writes. */
  nullable(): Column<Select | null, Insert | null | undefined, Update | null> {
    return new Column({ ...this.definition, nullable: true })
  }

  /** A value that the database fills in: a literal, or an expression as sql`now()`. */
  default(
    value: Expression<unknown> | string | number | boolean,
  ): Column<Select, Insert | undefined, Update> {
    return new Column({ ...this.definition, default: value })
  }

  /** Part of the primary key; updates leave it alone. */
  primaryKey(): Column<Select, Insert, never> {
    return new Column({ ...this.definition, primaryKey: true })
  }

  /** Computed by the database: read only. */
  generated(): Column<Select, never, never> {
    return new Column({ ...this.definition, generated: true })
  }
}

/** A column of this PostgreSQL type, NOT NULL and without a default. */
export function column<T>(type: string): Column<T> {
  return new Column<T>({
    type,
    nullable: false,
    primaryKey: false,
    default: undefined,
    generated: false,
  })
}
