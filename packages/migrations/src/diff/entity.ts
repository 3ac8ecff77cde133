import type { CatalogueObject } from '../catalogue/catalogue-object.ts'
import type { Extension, Schema, Sequence } from '../catalogue/plain-object.ts'
import type { Routine, View } from '../catalogue/program-object.ts'
import type { Column, Constraint, Index, Policy, Table } from '../catalogue/table.ts'
import type { Trigger } from '../catalogue/trigger.ts'
import type { CompositeType, Domain, DomainCheck, EnumType, RangeType } from '../catalogue/type.ts'

/** What is made, changed and dropped by itself. */
export type Entity =
  | EntityOf<'schema', Schema>
  | EntityOf<'extension', Extension>
  | EntityOf<'enum', EnumType>
  | EntityOf<'domain', Domain>
  | EntityOf<'composite', CompositeType>
  | EntityOf<'range', RangeType>
  | EntityOf<'sequence', Sequence>
  | EntityOf<'routine', Routine>
  | EntityOf<'table', Table>
  | EntityOf<'column', Column, Table>
  | EntityOf<'default', { readonly column: string; readonly expression: string }, Table>
  | EntityOf<'constraint', Constraint, Table>
  | EntityOf<'domainCheck', DomainCheck, Domain>
  | EntityOf<'index', Index, Table | View>
  | EntityOf<'view', View>
  | EntityOf<'trigger', Trigger, Table | View>
  | EntityOf<'policy', Policy, Table>

/** An object of a catalogue with the ids of all that it needs. */
export interface EntityOf<Part extends string, Value, Whole = undefined> {
  readonly part: Part
  readonly id: string
  readonly object: CatalogueObject
  readonly value: Value
  /** What it is a part of. */
  readonly whole: Whole
  /** The id of what it is a part of, and goes with. */
  readonly owner?: string
  /** Ids, also of the owner and the schema. Some may be of objects that are not in the catalogue. */
  readonly needs: readonly string[]
  readonly comment?: string
}

/** The entity of one part. */
export type Part<Name extends Entity['part']> = Extract<Entity, { readonly part: Name }>

/** Under what circumstances an operation will run. */
export interface Site {
  /** Tables that are there may be in use: take weak locks, or strong ones only for a moment. */
  readonly online: boolean
  /** Whether a table, view or domain is made by the same plan, so that nobody uses it yet. */
  isNew(owner: string): boolean
}
