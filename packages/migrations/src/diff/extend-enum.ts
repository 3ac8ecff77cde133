import { type Comparison, compareEntities } from './compare.ts'
import type { Entity, Part } from './entity.ts'
import { addedLabels } from './enums.ts'
import { type Operation, operation } from './operation.ts'

/**
 * Adds labels to an enumeration. There is no statement that takes one away again: the way back replaces the type, as a plan of its own.
 *
 * @param planAll makes a plan of a comparison
 */
export function extendEnum(
  { before }: Comparison,
  after: Part<'enum'>,
  planAll: (comparison: Comparison) => readonly Operation[],
): Operation {
  const old = before.get(after.id) as Part<'enum'>
  const extended: Entity = { ...old, value: { ...old.value, values: after.value.values } }
  const back = compareEntities(new Map([...before, [after.id, extended]]), before, {
    online: false,
  })
  return operation('addEnumValue', after.object, {
    sql: (addedLabels(old, after) ?? []).map(({ statement }) => statement),
    down: planAll(back).flatMap(({ sql }) => sql),
  })
}
