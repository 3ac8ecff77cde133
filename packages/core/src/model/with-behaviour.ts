import type { Behaviour } from './behaviour.ts'
import { Column, type ColumnTrait } from './column.ts'

/** The types of what is added to a column by a behaviour with these rules. */
type TraitOf<B extends Behaviour> = B extends { scope: unknown } ? 'scope' : never

/** A column in which a rule of its model lives: what own mixins are made of. */
export function withBehaviour<
  Select,
  Insert,
  Update,
  Trait extends ColumnTrait,
  const B extends Behaviour,
>(
  { definition }: Column<Select, Insert, Update, Trait>,
  behaviour: B,
): Column<Select, Insert, Update, Trait | TraitOf<B>> {
  return new Column({ ...definition, behaviour: Object.freeze({ ...behaviour }) as Behaviour })
}
