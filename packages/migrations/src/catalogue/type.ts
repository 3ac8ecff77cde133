import type { InSchema } from './plain-object.ts'

/** An enumeration, with its labels in their order. */
export interface EnumType extends InSchema {
  readonly values: readonly string[]
}

/** A check of a domain. */
export interface DomainCheck {
  readonly name: string
  /** As in `CHECK ((VALUE > 0))`. */
  readonly definition: string
  readonly validated: boolean
  readonly comment?: string
}

/** A type with rules. */
export interface Domain extends InSchema {
  readonly type: string
  readonly notNull: boolean
  readonly default?: string
  /** Where it is not that of the type. */
  readonly collation?: string
  readonly checks: readonly DomainCheck[]
}

/** An attribute of a composite type. */
export interface Attribute {
  readonly name: string
  readonly type: string
  readonly collation?: string
}

/** A row type without a table. */
export interface CompositeType extends InSchema {
  readonly attributes: readonly Attribute[]
}

/** A range type, and with it its multirange. */
export interface RangeType extends InSchema {
  readonly subtype: string
  readonly multirange: string
  /** Where it is not the default of the subtype. */
  readonly operatorClass?: string
  readonly collation?: string
  readonly canonical?: string
  readonly subtypeDiff?: string
}
