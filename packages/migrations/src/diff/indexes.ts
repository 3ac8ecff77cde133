import { qualifiedName, quoteName } from '../catalogue/quote.ts'
import type { Craft } from './craft.ts'
import type { Part, Site } from './entity.ts'
import { operation } from './operation.ts'

/** Indexes that belong to no constraint. */
export const indexes: Craft<'index'> = {
  state: ({ whole, value: { unique, definition, valid, clustered } }) => {
    return { table: whole.name, unique, definition, valid, clustered }
  },
  make: (entity, site) => {
    const online = site.online && !site.isNew(entity.owner ?? '') && !hasPartitions(entity)
    const unique = entity.value.unique ? 'unique ' : ''
    const how = online ? 'concurrently ' : ''
    const create = `create ${unique}index ${how}${quoteName(entity.value.name)} on ${ownerName(entity)}`
    return operation(
      'createIndex',
      entity.object,
      {
        sql: [
          `${create} ${entity.value.definition}`,
          ...(entity.value.clustered ? [cluster(entity)] : []),
        ],
        down: [`drop index ${how}${indexName(entity)}`],
      },
      { lock: online ? 'SHARE UPDATE EXCLUSIVE' : 'SHARE', transactional: !online },
    )
  },
  change: (before, after, site: Site) => {
    if (before.owner !== after.owner) return 'remake'
    if (before.value.unique !== after.value.unique) return 'remake'
    if (before.value.definition !== after.value.definition) return 'remake'
    if (!before.value.valid && after.value.valid) return 'remake'
    if (before.value.clustered === after.value.clustered) return []
    const statements = { sql: [cluster(after)], down: [cluster(before)] }
    const lock = site.isNew(after.owner ?? '') ? null : 'SHARE UPDATE EXCLUSIVE'
    return [operation('alterIndex', after.object, statements, { lock })]
  },
  subject: (entity) => `index ${indexName(entity)}`,
}

function hasPartitions({ whole }: Part<'index'>): boolean {
  return 'partitionKey' in whole && whole.partitionKey !== undefined
}

function ownerName({ whole }: Part<'index'>): string {
  return qualifiedName(whole.schema, whole.name)
}

function indexName({ whole, value }: Part<'index'>): string {
  return qualifiedName(whole.schema, value.name)
}

function cluster(entity: Part<'index'>): string {
  const { clustered, name } = entity.value
  return `alter table ${ownerName(entity)} ${clustered ? `cluster on ${quoteName(name)}` : 'set without cluster'}`
}
