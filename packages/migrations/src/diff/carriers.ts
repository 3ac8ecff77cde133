import { circles } from './circles.ts'
import type { Fate } from './compare.ts'
import type { Entity } from './entity.ts'

/** Which objects are made, or dropped, by one operation. */
export interface Carriers {
  /** The id of the object whose operation takes the given one along; its own if none does. */
  carrierOf(id: string): string
  /** What an object takes along, in order. */
  partsOf(id: string): readonly Entity[]
}

/** Parts that can be made after their whole, for want of something that itself needs the whole. */
const SEPARABLE: readonly Entity['part'][] = ['default', 'constraint', 'index', 'trigger', 'policy']

/**
 * A table takes its parts along, a column its default, and so on, but for those parts that would close a circle: two tables that refer
 * to each other are made first and get their foreign keys afterwards.
 *
 * @param comes whether an object of this fate is made, or dropped
 */
export function carriers(
  entities: ReadonlyMap<string, Entity>,
  fates: ReadonlyMap<string, Fate>,
  comes: (fate: Fate) => boolean,
): Carriers {
  const coming = [...entities.values()].filter(({ id }) => comes(fates.get(id) ?? 'same'))
  const isComing = new Set(coming.map(({ id }) => id))
  const wholeOf = (id: string): string => {
    const owner = entities.get(id)?.owner
    return owner !== undefined && isComing.has(owner) ? wholeOf(owner) : id
  }
  const edges = new Map<string, Set<string>>()
  for (const { id, needs } of coming) {
    const whole = wholeOf(id)
    const targets = edges.get(whole) ?? new Set()
    edges.set(whole, targets)
    for (const need of needs) {
      const target = wholeOf(need)
      if (isComing.has(need) && target !== whole) targets.add(target)
    }
  }
  const circleOf = circles(edges)
  const separate = new Set<string>()
  for (const { id, part, needs } of coming) {
    const whole = wholeOf(id)
    if (whole === id || !SEPARABLE.includes(part)) continue
    const closes = needs.some((need) => {
      const target = wholeOf(need)
      return isComing.has(need) && target !== whole && circleOf(target) === circleOf(whole)
    })
    if (closes) separate.add(id)
  }
  const carrierOf = (id: string): string => {
    if (separate.has(id)) return id
    const owner = entities.get(id)?.owner
    return owner !== undefined && isComing.has(owner) ? carrierOf(owner) : id
  }
  const parts = Map.groupBy(coming, ({ id }) => carrierOf(id))
  return {
    carrierOf,
    partsOf: (id) => (parts.get(id) ?? []).filter((part) => part.id !== id),
  }
}
