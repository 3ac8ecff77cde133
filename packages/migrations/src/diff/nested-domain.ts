import type { Entity, Part } from './entity.ts'

/**
 * Whether a domain becomes stricter while columns hold it inside arrays or composite values: the server cannot look into these, so that the type
 * has to be replaced.
 */
export function isStricterInside(
  before: Part<'domain'>,
  after: Part<'domain'>,
  entities: ReadonlyMap<string, Entity>,
): boolean {
  const required = after.value.notNull && !before.value.notNull
  const known = new Map(before.value.checks.map((check) => [check.name, check]))
  const checked = after.value.checks.some((check) => {
    const old = known.get(check.name)
    return check.validated && !(old?.validated && old.definition === check.definition)
  })
  if (!required && !checked) return false
  return [...entities.values()].some((entity) => {
    if (!entity.needs.includes(before.id)) return false
    return (
      entity.part === 'composite' || (entity.part === 'column' && entity.value.type.endsWith('[]'))
    )
  })
}
