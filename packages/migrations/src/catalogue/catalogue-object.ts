import type { ObjectKind } from './object-id.ts'

/** An object that a filter decides about. */
export interface CatalogueObject {
  readonly kind: ObjectKind
  /** The schema it lives in, or its own name if it is one. */
  readonly schema: string
  readonly name: string
  /** What it is a part of, as a table of an index or a trigger. */
  readonly of?: string
}
