import type { Entity } from './entity.ts'

/** The ids of entities in groups of those that are made of each other, each after those that it is made of. */
export function together(entities: readonly Entity[]): string[][] {
  const byId = new Map(entities.map((entity) => [entity.id, entity]))
  const groups = new Map<string, string>()
  const groupOf = (id: string): string => {
    const next = groups.get(id) ?? id
    return next === id ? id : groupOf(next)
  }
  for (const { id, needs } of entities) {
    for (const need of needs) if (byId.has(need)) groups.set(groupOf(id), groupOf(need))
  }
  const placed = new Set<string>()
  const ordered: string[] = []
  const place = (id: string): void => {
    if (placed.has(id)) return
    placed.add(id)
    for (const need of byId.get(id)?.needs ?? []) if (byId.has(need)) place(need)
    ordered.push(id)
  }
  for (const { id } of entities) place(id)
  return [...Map.groupBy(ordered, groupOf).values()]
}
