import { makeAgain } from './crafts.ts'
import type { Entity, Site } from './entity.ts'
import { dropping, type Operation } from './operation.ts'

const LOSES: readonly Entity['part'][] = [
  'schema',
  'extension',
  'enum',
  'domain',
  'composite',
  'range',
  'sequence',
  'routine',
  'table',
  'column',
  'view',
]

const LOCKS_NOTHING: readonly Entity['part'][] = [
  'schema',
  'extension',
  'enum',
  'domain',
  'composite',
  'range',
  'sequence',
  'routine',
  'view',
]

/** Drops an entity with its parts. `again` if it is made anew by the same plan. */
export function dropOf(
  entity: Entity,
  parts: readonly Entity[],
  site: Site,
  again: boolean,
): Operation {
  const online = entity.part === 'index' && site.online
  const made = makeAgain(entity, { ...site, online }, parts, entity)
  return dropping(made, {
    lock: LOCKS_NOTHING.includes(entity.part)
      ? null
      : online && !made.transactional
        ? made.lock
        : 'ACCESS EXCLUSIVE',
    destructive: again ? losesRows(entity) : LOSES.includes(entity.part),
  })
}

function losesRows(entity: Entity): boolean {
  return entity.part === 'table' || (entity.part === 'column' && !entity.value.generated)
}
