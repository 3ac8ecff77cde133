import { changeComment, changeOf, sameState } from './crafts.ts'
import type { Entity, Site } from './entity.ts'
import { isStricterInside } from './nested-domain.ts'
import type { Operation } from './operation.ts'
import { reaction, type Upheaval } from './reaction.ts'
import type { RenameSteps } from './rename-steps.ts'

/**
 * What becomes of an object: `remake` drops it and makes it again, `replace` puts another type in its place, and `extend` adds labels to an
 * enumeration.
 */
export type Fate = 'same' | 'make' | 'drop' | 'change' | 'remake' | 'replace' | 'extend'

/** Two sets of objects, and what becomes of each on the way from one to the other. */
export interface Comparison {
  readonly before: ReadonlyMap<string, Entity>
  readonly after: ReadonlyMap<string, Entity>
  readonly online: boolean
  /** Of all objects, in the order of their ids. */
  readonly fates: ReadonlyMap<string, Fate>
  /** How those of fate `change` change. */
  readonly changes: ReadonlyMap<string, readonly Operation[]>
  /** Comments of objects that stay. */
  readonly comments: ReadonlyMap<string, readonly Operation[]>
  /** What comes first. */
  readonly renames?: RenameSteps
}

/** What a comparison is to assume. */
export interface CompareOptions {
  readonly online: boolean
  readonly renames?: RenameSteps
}

/** Decides what becomes of each object. */
export function compareEntities(
  before: ReadonlyMap<string, Entity>,
  after: ReadonlyMap<string, Entity>,
  options: CompareOptions,
): Comparison {
  const { online, renames } = options
  const fates = new Map<string, Fate>()
  const changes = new Map<string, readonly Operation[]>()
  const site: Site = {
    online,
    isNew: (owner) => fates.get(owner) === 'make' || fates.get(owner) === 'remake',
  }
  const decide = (id: string): Fate => {
    const [old, next] = [before.get(id), after.get(id)]
    if (!old) return 'make'
    if (!next) return 'drop'
    if (renames?.remade.has(id)) return 'remake'
    if (old.part === 'domain' && next.part === 'domain' && isStricterInside(old, next, before)) {
      return 'replace'
    }
    if (sameState(old, next)) return 'same'
    const change = changeOf(old, next, site)
    if (typeof change === 'string') return isExtension(old, next, change) ? 'extend' : change
    changes.set(id, change)
    return change.length === 0 ? 'same' : 'change'
  }
  for (const id of [...new Set([...before.keys(), ...after.keys()])].sort()) {
    fates.set(id, decide(id))
  }
  spread(before, after, fates)
  // A domain is replaced together with its checks.
  for (const [id, { owner }] of [...before, ...after]) {
    if (owner !== undefined && fates.get(owner) === 'replace') fates.set(id, 'same')
  }
  const comments = new Map<string, readonly Operation[]>()
  for (const [id, fate] of fates) {
    const [old, next] = [before.get(id), after.get(id)]
    if (!old || !next || fate === 'remake') continue
    const said = changeComment(old, next)
    if (said.length > 0) comments.set(id, said)
  }
  return { before, after, online, fates, changes, comments, ...(renames && { renames }) }
}

function isExtension(old: Entity, next: Entity, change: string): boolean {
  if (old.part !== 'enum' || next.part !== 'enum' || change !== 'replace') return false
  const kept = next.value.values.filter((label) => old.value.values.includes(label))
  return (
    kept.length === old.value.values.length && kept.every((l, at) => l === old.value.values[at])
  )
}

/** Lets those that use what is made again be made again too, and so on. */
function spread(
  before: ReadonlyMap<string, Entity>,
  after: ReadonlyMap<string, Entity>,
  fates: Map<string, Fate>,
): void {
  const users = usersOf(before)
  const waiting: Upheaval[] = []
  for (const [id, fate] of fates) {
    const cause = causeOf(before.get(id), after.get(id), fate)
    if (cause) waiting.push({ id, cause })
  }
  const seen = new Set(waiting.map(({ id, cause }) => `${cause} ${id}`))
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const old = before.get(next.id)
    if (!old) continue
    for (const user of users.get(next.id) ?? []) {
      const entity = before.get(user)
      const target = after.get(user)
      if (!entity || !target) continue
      const cause = reaction(entity, old, { ...next, after: after.get(next.id), target })
      if (!cause || seen.has(`${cause} ${user}`)) continue
      seen.add(`${cause} ${user}`)
      if (cause !== 'retype' && cause !== 'drop' && fates.get(user) !== 'remake')
        fates.set(user, cause)
      waiting.push({ id: user, cause })
    }
  }
}

function causeOf(
  old: Entity | undefined,
  next: Entity | undefined,
  fate: Fate,
): Upheaval['cause'] | undefined {
  if (fate === 'remake' || fate === 'replace' || fate === 'drop') return fate
  if (fate !== 'change' || old?.part !== 'column' || next?.part !== 'column') return undefined
  const same = old.value.type === next.value.type && old.value.collation === next.value.collation
  return same ? undefined : 'retype'
}

/** Who needs an object, under the id of the object. */
export function usersOf(entities: ReadonlyMap<string, Entity>): Map<string, string[]> {
  const users = new Map<string, string[]>()
  for (const { id, needs } of entities.values()) {
    for (const need of needs) {
      const found = users.get(need)
      if (found) found.push(id)
      else users.set(need, [id])
    }
  }
  return users
}
