import type { Extension, Schema, Sequence } from './plain-object.ts'
import type { Routine, View } from './program-object.ts'
import type { Table } from './table.ts'
import type { CompositeType, Domain, EnumType, RangeType } from './type.ts'

/**
 * What a database is made of, as PostgreSQL itself spells it: plain data, in an order that depends on names alone, so that
 * two databases with the same objects have the same catalogue. Texts name every object with its schema.
 */
export interface Catalogue {
  /** As `server_version_num`: 180004. */
  readonly serverVersion: number
  readonly schemas: readonly Schema[]
  readonly extensions: readonly Extension[]
  readonly enums: readonly EnumType[]
  readonly domains: readonly Domain[]
  readonly composites: readonly CompositeType[]
  readonly ranges: readonly RangeType[]
  /** Sequences that stand for themselves: not those of identity and serial columns. */
  readonly sequences: readonly Sequence[]
  readonly tables: readonly Table[]
  readonly views: readonly View[]
  readonly routines: readonly Routine[]
  /** Which objects each object cannot be without, by the ids of object-id.ts. */
  readonly dependencies: Readonly<Record<string, readonly string[]>>
}

/** A catalogue of a database in which nothing was made yet. */
export function emptyCatalogue(serverVersion: number): Catalogue {
  return {
    serverVersion,
    schemas: [{ name: 'public' }],
    extensions: [],
    enums: [],
    domains: [],
    composites: [],
    ranges: [],
    sequences: [],
    tables: [],
    views: [],
    routines: [],
    dependencies: {},
  }
}
