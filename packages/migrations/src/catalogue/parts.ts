import type { CatalogueObject } from './catalogue-object.ts'
import type { ObjectGraph } from './dependencies.ts'
import type { SequenceOptions } from './plain-object.ts'
import type { SequenceRow } from './relation-queries.ts'
import type { Rows } from './rows.ts'

/** What a catalogue is made of. */
export interface Parts {
  readonly serverVersion: number
  readonly rows: Rows
  readonly graph: ObjectGraph
  readonly keep: (object: CatalogueObject) => boolean
}

/** How a sequence counts. */
export function sequenceOptions(row: SequenceRow): SequenceOptions {
  const { type, start, increment, min, max, cache, cycle } = row
  return { type, start, increment, min, max, cache, cycle }
}

/** A property that is not there if nothing was said. */
export function commentOf(comment: string | null): { comment?: string } {
  return comment === null ? {} : { comment }
}
