import { expressionBuilder } from 'kysely'
import { BUILT_IN } from '../codec/built-in.ts'
import type { Behaviour } from './behaviour.ts'
import { type Column, column } from './column.ts'
import { withBehaviour } from './with-behaviour.ts'

/** The name by which the scope of deleted rows is lifted. */
export const SOFT_DELETE = 'softDelete'

const behaviour = {
  name: SOFT_DELETE,
  scope: (deletedAt) => expressionBuilder()(deletedAt, 'is', null),
  onDelete: () => expressionBuilder().fn<Date>('now'),
} as const satisfies Behaviour

/** When a row was deleted, null for one that was not. Deleted rows are not seen, and a delete sets this column and keeps the row. */
export function deletedAt(): Column<
  Date | null,
  Date | null | undefined,
  Date | null,
  'nullable' | 'guarded' | 'scope'
> {
  return withBehaviour(
    column<Date>('timestamptz', BUILT_IN.timestamptz.codec).nullable().guarded(),
    behaviour,
  )
}
