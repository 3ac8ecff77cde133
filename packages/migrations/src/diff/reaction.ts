import type { Entity } from './entity.ts'
import { comparable, sameBaseType } from './type-change.ts'

/** Something happens to an object that its users notice. */
export interface Upheaval {
  readonly id: string
  /** It is made again, another type takes its place, its column gets another type, or it goes for good. */
  readonly cause: 'remake' | 'replace' | 'retype' | 'drop'
}

interface Circumstances extends Upheaval {
  /** The object as it will be. */
  readonly after: Entity | undefined
  /** Its user as it will be. */
  readonly target: Entity
}

/** What happens to `user`, which is there before and after, when something happens to `used`; undefined if it notices nothing. */
export function reaction(
  user: Entity,
  used: Entity,
  circumstances: Circumstances,
): Upheaval['cause'] | undefined {
  const { cause } = circumstances
  if (user.owner === used.id) {
    if (cause === 'remake') return 'remake'
    if (cause === 'replace') return undefined
  }
  if (cause === 'drop') return toDrop(user, used)
  if (cause === 'retype') return toRetype(user, used, circumstances)
  switch (user.part) {
    case 'column':
      if (user.value.generated) return 'remake'
      return cause === 'replace' ? 'retype' : undefined
    case 'table':
      return used.part === 'table' ? 'remake' : undefined
    case 'enum':
    case 'domain':
    case 'composite':
    case 'range':
      return cause === 'replace' ? 'replace' : undefined
    case 'schema':
    case 'extension':
      return undefined
    default:
      return 'remake'
  }
}

/** A foreign key stands on one of the keys of the other table, and can stand on another one that is equal. */
function toDrop(user: Entity, used: Entity): Upheaval['cause'] | undefined {
  const isKey = used.part === 'constraint' || used.part === 'index'
  return isKey && user.part === 'constraint' ? 'remake' : undefined
}

function toRetype(
  user: Entity,
  used: Entity,
  { after, target }: Circumstances,
): Upheaval['cause'] | undefined {
  switch (user.part) {
    case 'view':
    case 'policy':
    case 'routine':
    case 'trigger':
      return 'remake'
    case 'column':
      return user.value.generated ? 'remake' : undefined
    case 'default':
      return changesBase(used, after) ? 'remake' : undefined
    case 'constraint':
      return target.part === 'constraint' && user.value.type === 'foreignKey' && breaks(used, after)
        ? 'remake'
        : undefined
    default:
      return undefined
  }
}

function changesBase(used: Entity, after: Entity | undefined): boolean {
  if (used.part !== 'column' || after?.part !== 'column') return false
  return !sameBaseType(used.value.type, after.value.type)
}

function breaks(used: Entity, after: Entity | undefined): boolean {
  if (used.part !== 'column' || after?.part !== 'column') return false
  return !comparable(used.value.type, after.value.type)
}
