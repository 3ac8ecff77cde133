import type { Expression } from 'kysely'
import type { Codec } from '../codec/codec.ts'
import type { Behaviour } from './behaviour.ts'

/**
 * What the types of a model have to know of a column besides its values: it may be null, is a part of the primary key, is not shown
 * unless it is asked for, is not set by input from outside, or decides which rows are seen.
 */
export type ColumnTrait = 'nullable' | 'key' | 'hidden' | 'guarded' | 'scope'

/** A value that the database fills in. */
export type ColumnDefault = Expression<unknown> | string | number | bigint | boolean | Date

/** What the values of a column fulfil, said of the column. */
export type ColumnCheck = (column: Expression<unknown>) => Expression<unknown>

/** How the database numbers rows. */
export interface Identity {
  readonly always: boolean
  readonly start?: number | bigint
  readonly increment?: number | bigint
}

/** How the database computes a column. */
export interface Generation {
  /** Absent for a column of which is only known that it is computed. */
  readonly as?: Expression<unknown>
  readonly stored: boolean
}

/** A type of the database's own that a column is of, or its elements are; its name as it is written in DDL. */
export type DeclaredType =
  | { readonly kind: 'enum'; readonly name: string; readonly values: readonly string[] }
  | {
      readonly kind: 'domain'
      readonly name: string
      readonly base: string
      /** As sql`value > 0`. */
      readonly check?: Expression<unknown>
    }

/** What is known of a column at run time. */
export interface ColumnDefinition {
  /** The PostgreSQL type, as it is written in DDL. */
  readonly type: string
  /** How values travel. */
  readonly codec: Codec
  readonly nullable: boolean
  readonly primaryKey: boolean
  /** Filled by the database if an insert leaves it out. */
  readonly default: ColumnDefault | undefined
  /** Computed by the database; never written. */
  readonly generated: Generation | undefined
  readonly identity: Identity | undefined
  /** Its name in PostgreSQL, where the naming convention does not make it. */
  readonly name: string | undefined
  readonly comment: string | undefined
  /** What it was called before; the differ renames instead of dropping. */
  readonly renamedFrom: string | undefined
  readonly hidden: boolean
  readonly guarded: boolean
  /** No two rows have the same value. */
  readonly unique: boolean
  /** What its values fulfil; all of them are one CHECK constraint. */
  readonly checks: readonly ColumnCheck[]
  /** The only texts that it takes, which a CHECK constraint keeps. */
  readonly oneOf: readonly string[] | undefined
  /** The rule of the model that lives in this column. */
  readonly behaviour: Behaviour | undefined
  /** Has to be there before the table. Absent for the types that PostgreSQL and its extensions bring. */
  readonly declares?: DeclaredType
}

/**
 * A column: the type that is read, the one an insert takes (undefined in it: may be left out) and the one an update takes.
 * Immutable; each method gives a new column.
 */
export class Column<Select, Insert = Select, Update = Select, Trait extends ColumnTrait = never> {
  readonly definition: ColumnDefinition
  declare readonly types: { select: Select; insert: Insert; update: Update; trait: Trait }

  constructor(definition: ColumnDefinition) {
    this.definition = definition
  }

  /** Allows null, which is also what an insert that leaves the column out writes. */
  nullable(): Column<Select | null, Insert | null | undefined, Update | null, Trait | 'nullable'> {
    return new Column({ ...this.definition, nullable: true })
  }

  /** A value that the database fills in: a literal, or an expression as sql`now()`. */
  default(value: ColumnDefault): Column<Select, Insert | undefined, Update, Trait> {
    return new Column({ ...this.definition, default: value })
  }

  /** Part of the primary key; updates leave it alone. */
  primaryKey(): Column<Select, Insert, never, Trait | 'key'> {
    return new Column({ ...this.definition, primaryKey: true })
  }

  /**
   * Computed by the database: read only.
   *
   * @param as what it is computed from, as sql`lower(email)`
   * @param options `stored: false` computes it on reading (PostgreSQL 18). @default stored
   */
  generated(
    as?: Expression<unknown>,
    options: { readonly stored?: boolean } = {},
  ): Column<Select, never, never, Trait> {
    const { stored = true } = options
    return new Column({ ...this.definition, generated: { ...(as && { as }), stored } })
  }

  /** Numbered by the database. Without `always` an insert may bring a number of its own. */
  identity(options: Partial<Identity> = {}): Column<Select, Insert | undefined, never, Trait> {
    return new Column({ ...this.definition, identity: { always: false, ...options } })
  }

  /** Left out where columns are not named: of a loaded relation, and of `PublicRowOf`. */
  hidden(): Column<Select, Insert, Update, Trait | 'hidden'> {
    return new Column({ ...this.definition, hidden: true })
  }

  /** Not set by input from outside: left out of `InputOf` and refused by `validate`. */
  guarded(): Column<Select, Insert, Update, Trait | 'guarded'> {
    return new Column({ ...this.definition, guarded: true })
  }

  /** No two rows have the same value, other than null. */
  unique(): Column<Select, Insert, Update, Trait> {
    return new Column({ ...this.definition, unique: true })
  }

  /** A condition on every value, as `(balance) => sql`${balance} >= 0``. May be called several times. */
  check(
    condition: (column: Expression<Select>) => Expression<unknown>,
  ): Column<Select, Insert, Update, Trait> {
    const checks = [...this.definition.checks, condition as ColumnCheck]
    return new Column({ ...this.definition, checks })
  }

  /** Its name in PostgreSQL, where the naming convention does not make it. */
  named(name: string): Column<Select, Insert, Update, Trait> {
    return new Column({ ...this.definition, name })
  }

  /** What the database says of it to whoever looks at the schema. */
  comment(comment: string): Column<Select, Insert, Update, Trait> {
    return new Column({ ...this.definition, comment })
  }

  /** What it was called before, in TypeScript; the differ renames instead of dropping. */
  renamed(from: string): Column<Select, Insert, Update, Trait> {
    return new Column({ ...this.definition, renamedFrom: from })
  }
}

/** A column of this PostgreSQL type, NOT NULL and without a default. */
export function column<T>(
  type: string,
  codec: Codec,
  special: Partial<ColumnDefinition> = {},
): Column<T> {
  return new Column<T>({
    type,
    codec,
    nullable: false,
    primaryKey: false,
    default: undefined,
    generated: undefined,
    identity: undefined,
    name: undefined,
    comment: undefined,
    renamedFrom: undefined,
    hidden: false,
    guarded: false,
    unique: false,
    checks: [],
    oneOf: undefined,
    behaviour: undefined,
    ...special,
  })
}
