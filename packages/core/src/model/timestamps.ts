import { expressionBuilder, sql } from 'kysely'
import { BUILT_IN } from '../codec/built-in.ts'
import type { Behaviour } from './behaviour.ts'
import { type Column, column } from './column.ts'
import { withBehaviour } from './with-behaviour.ts'

const behaviour = {
  name: 'updatedAt',
  onUpdate: () => expressionBuilder().fn<Date>('now'),
} as const satisfies Behaviour

/** When a row was written first; the database fills it in. */
export function createdAt(): Column<Date, Date | undefined, Date, 'guarded'> {
  return filled()
}

/** When a row was changed last: each update that does not set it itself sets it to the time of its transaction. */
export function updatedAt(): Column<Date, Date | undefined, Date, 'guarded'> {
  return withBehaviour(filled(), behaviour)
}

function filled(): Column<Date, Date | undefined, Date, 'guarded'> {
  return column<Date>('timestamptz', BUILT_IN.timestamptz.codec).default(sql`now()`).guarded()
}
