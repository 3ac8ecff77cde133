import type { Entity } from './entity.ts'
import type { Operation } from './operation.ts'

/** Where steps stand that nothing forces elsewhere: what others may need early, what takes away or waits long late. */
const MAKE: Readonly<Record<Entity['part'], number>> = {
  schema: 10,
  extension: 11,
  enum: 20,
  domain: 21,
  composite: 22,
  range: 23,
  sequence: 25,
  table: 30,
  column: 32,
  default: 34,
  constraint: 40,
  domainCheck: 40,
  index: 42,
  routine: 50,
  view: 60,
  trigger: 61,
  policy: 62,
}

const DROP: Readonly<Record<Entity['part'], number>> = {
  policy: 5,
  trigger: 6,
  view: 7,
  index: 8,
  constraint: 9,
  domainCheck: 9,
  default: 9,
  routine: 70,
  column: 71,
  table: 72,
  sequence: 73,
  range: 74,
  composite: 74,
  domain: 74,
  enum: 74,
  extension: 75,
  schema: 76,
}

/** What a rename would change in a way that cannot be foreseen is gone before it. */
export const EARLY = -1
/** Renames come first, so that everything else goes by the new names. */
export const RENAME = 0
/** A new label has to be there before it is used. */
export const EXTEND = 1
const NOT_TRANSACTIONAL = 100

/** The rank of a step that makes something. */
export function rankOfMake({ part }: Entity, operation: Operation): number {
  return MAKE[part] + (operation.transactional ? 0 : NOT_TRANSACTIONAL)
}

/** The rank of a step that drops something, for good or to make it again. */
export function rankOfDrop({ part }: Entity, operation: Operation, again: boolean): number {
  if (!operation.transactional) return NOT_TRANSACTIONAL
  return again ? Math.min(DROP[part], 9) : DROP[part]
}

/** The rank of a step that changes something. */
export function rankOfChange({ part }: Entity, operations: readonly Operation[]): number {
  const transactional = operations.every((operation) => operation.transactional)
  return MAKE[part] + (transactional ? 0.5 : NOT_TRANSACTIONAL)
}

/** The rank of a comment. */
export function rankOfComment(): number {
  return 65
}
