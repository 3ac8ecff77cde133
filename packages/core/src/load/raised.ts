import { UsageError } from '../errors/usage-error.ts'

/** Rows whose query says of some relations that nobody needs them. */
const raised = new WeakMap<object, readonly string[]>()

/** Remembers that these relations of the row are not to be loaded. */
export function raiseOn(row: object, relations: readonly string[]): void {
  raised.set(row, relations)
}

/** @throws {UsageError} `RELATION_RAISE` if the query of one of these rows has declared that nobody needs the relation */
export function assertNotRaised(rows: readonly object[], model: string, relation: string): void {
  if (!rows.some((row) => raised.get(row)?.includes(relation))) return
  throw new UsageError(
    'RELATION_RAISE',
    `${relation} of ${model} was asked for on rows whose query declares it with the strategy raise: load it there instead`,
  )
}
