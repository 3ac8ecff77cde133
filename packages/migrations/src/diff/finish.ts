import { quoteText } from '../catalogue/quote.ts'
import type { Comparison } from './compare.ts'
import type { Entity } from './entity.ts'
import type { Operation } from './operation.ts'

const ROUTINE = /^create or replace (function|procedure)/i
const UNCHECKED = 'set local check_function_bodies = off'

/** Says of each operation what can only be seen when all of them are known. */
export function finish(comparison: Comparison, operations: readonly Operation[]): Operation[] {
  const { before, after, fates } = comparison
  const coming = namesOf(after, (id) => ['make', 'remake'].includes(fates.get(id) ?? 'same'))
  const going = namesOf(before, (id) => ['drop', 'remake'].includes(fates.get(id) ?? 'same'))
  return operations.map((operation) => {
    const sql = uncheckBodies(operation.sql, coming)
    const down = uncheckBodies(operation.down, going)
    const transactional =
      operation.transactional && !bringsUsedLabel(comparison, operation, operations)
    return { ...operation, sql, down, transactional }
  })
}

function namesOf(
  entities: ReadonlyMap<string, Entity>,
  moves: (id: string) => boolean,
): ReadonlySet<string> {
  const names = [...entities.values()]
    .filter(({ id, owner }) => owner === undefined && moves(id))
    .map(({ object }) => object.name)
  return new Set(names)
}

/** A body may speak of what is made after the routine; the server looks when it is called. */
function uncheckBodies(
  statements: readonly string[],
  names: ReadonlySet<string>,
): readonly string[] {
  return statements.flatMap((statement) => {
    if (!ROUTINE.test(statement)) return [statement]
    const body = statement.slice(statement.search(/\bAS \$/))
    const speaks = body.match(/\w+/g)?.some((word) => names.has(word)) ?? false
    return speaks ? [UNCHECKED, statement] : [statement]
  })
}

/** A label that another operation uses has to be committed first. */
function bringsUsedLabel(
  { before, after }: Comparison,
  operation: Operation,
  operations: readonly Operation[],
): boolean {
  if (operation.kind !== 'addEnumValue') return false
  const { schema, name } = operation.object
  const find = (entities: ReadonlyMap<string, Entity>) =>
    [...entities.values()].find(
      ({ part, object }) => part === 'enum' && object.schema === schema && object.name === name,
    )
  const [old, next] = [find(before), find(after)]
  if (old?.part !== 'enum' || next?.part !== 'enum') return false
  const added = next.value.values.filter((label) => !old.value.values.includes(label))
  return operations.some(
    (other) =>
      other !== operation &&
      other.sql.some((statement) => added.some((label) => statement.includes(quoteText(label)))),
  )
}
