import type { Entity, Part, Site } from './entity.ts'
import type { Operation } from './operation.ts'

/** How the objects of one kind are made, changed and dropped. */
export interface Craft<Name extends Entity['part']> {
  /** What is compared: two entities of the same state need no change, beside that of their comment. */
  state(entity: Part<Name>): unknown
  /** Makes it; its way back drops it. `parts` are made along with it, in their order. */
  make(entity: Part<Name>, site: Site, parts: readonly Entity[]): Operation
  /** Brings it from one state to the other; `remake` if it has to be dropped and made again, `replace` if that is to spare the rows. */
  change(before: Part<Name>, after: Part<Name>, site: Site): Change
  /** What COMMENT ON calls it. */
  subject(entity: Part<Name>): string
}

/** The way from one state of an entity to another one. */
export type Change = readonly Operation[] | 'remake' | 'replace'
