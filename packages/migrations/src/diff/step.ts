import type { Operation } from './operation.ts'

/** A node of the graph that is put in order: operations that stay together. */
export interface Step {
  /** Ids, by which steps of the same rank are sorted. */
  readonly key: string
  /** Where it stands if nothing forces it elsewhere; low is early. */
  readonly rank: number
  readonly operations: readonly Operation[]
  /** Steps that come before it. */
  readonly after: Set<Step>
}
