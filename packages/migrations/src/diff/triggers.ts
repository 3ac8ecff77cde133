import { qualifiedName, quoteName } from '../catalogue/quote.ts'
import type { Craft } from './craft.ts'
import type { Part } from './entity.ts'
import { operation } from './operation.ts'

const ENABLE = {
  origin: 'enable',
  disabled: 'disable',
  replica: 'enable replica',
  always: 'enable always',
} as const

/** Triggers of tables and views. */
export const triggers: Craft<'trigger'> = {
  state: ({ value: { definition, enabled } }) => ({ definition, enabled }),
  make: (entity) => {
    const { object, value } = entity
    return operation(
      'createTrigger',
      object,
      {
        sql: [value.definition, ...(value.enabled === 'origin' ? [] : [enable(entity)])],
        down: [`drop trigger ${quoteName(value.name)} on ${ownerName(entity)}`],
      },
      { lock: 'SHARE ROW EXCLUSIVE' },
    )
  },
  change: (before, after) => {
    if (before.value.definition !== after.value.definition) return 'remake'
    const statements = { sql: [enable(after)], down: [enable(before)] }
    const costs = { lock: 'SHARE ROW EXCLUSIVE' } as const
    return [operation('alterTrigger', after.object, statements, costs)]
  },
  subject: (entity) => `trigger ${quoteName(entity.value.name)} on ${ownerName(entity)}`,
}

function ownerName({ whole }: Part<'trigger'>): string {
  return qualifiedName(whole.schema, whole.name)
}

function enable(entity: Part<'trigger'>): string {
  const { name, enabled } = entity.value
  return `alter table ${ownerName(entity)} ${ENABLE[enabled]} trigger ${quoteName(name)}`
}
