import { withoutNotValid } from './assemble-types.ts'
import type { ConstraintRow } from './part-queries.ts'
import { commentOf } from './parts.ts'
import { compare } from './sorting.ts'
import type { Constraint, ForeignKeyAction, References } from './table.ts'

const TYPES = {
  p: 'primaryKey',
  u: 'unique',
  c: 'check',
  f: 'foreignKey',
  x: 'exclude',
} as const

const ACTIONS: Readonly<Record<string, ForeignKeyAction>> = {
  a: 'no action',
  r: 'restrict',
  c: 'cascade',
  n: 'set null',
  d: 'set default',
}

/** A constraint as its catalogue shows it. */
export function assembleConstraint(row: ConstraintRow): Constraint {
  const references = referencesOf(row)
  return {
    name: row.name,
    type: TYPES[row.type],
    columns: row.columns,
    definition: withoutNotValid(row.definition),
    validated: row.validated,
    options: [...row.options].sort(compare),
    indexValid: row.indexValid ?? true,
    deferrable: row.deferrable,
    initiallyDeferred: row.deferred,
    ...(row.nullsNotDistinct === true && { nullsNotDistinct: true as const }),
    ...(row.period === true && { period: true as const }),
    ...(row.include !== null && { include: row.include }),
    ...(row.expression !== null && { expression: row.expression }),
    ...(references && { references }),
    ...commentOf(row.comment),
  }
}

function referencesOf(row: ConstraintRow): References | undefined {
  if (row.foreignSchema === null || row.foreignTable === null) return undefined
  return {
    schema: row.foreignSchema,
    table: row.foreignTable,
    columns: row.foreignColumns,
    onDelete: ACTIONS[row.onDelete] ?? 'no action',
    onUpdate: ACTIONS[row.onUpdate] ?? 'no action',
    matchFull: row.match === 'f',
  }
}
