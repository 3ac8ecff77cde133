import { type Expression, expressionBuilder } from 'kysely'
import { integerCodec } from '../codec/basic.ts'
import type { Behaviour } from './behaviour.ts'
import { type Column, column } from './column.ts'
import { withBehaviour } from './with-behaviour.ts'

/** The name of the behaviour that counts. */
export const VERSION = 'version'

const behaviour = {
  name: VERSION,
  onUpdate: (version) =>
    expressionBuilder()(version as Expression<number>, '+', expressionBuilder().lit(1)),
} as const satisfies Behaviour

/** How often a row was changed, from 1 on: each update adds one, so that `atVersion` can tell a row that somebody else has changed. */
export function version(): Column<number, number | undefined, never, 'guarded'> {
  const counted = column<number>('integer', integerCodec).default(1).guarded() as Column<
    number,
    number | undefined,
    never,
    'guarded'
  >
  return withBehaviour(counted, behaviour)
}
