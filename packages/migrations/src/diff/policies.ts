import { qualifiedName, quoteName } from '../catalogue/quote.ts'
import type { Craft } from './craft.ts'
import type { Part } from './entity.ts'
import { operation } from './operation.ts'

/** Row level security policies. A changed one is made anew in the same transaction. */
export const policies: Craft<'policy'> = {
  state: ({ value: { name: _, comment: __, ...state } }) => state,
  make: (entity) => {
    const { object, value } = entity
    const clauses = [
      `create policy ${quoteName(value.name)} on ${tableName(entity)}`,
      ...(value.permissive ? [] : ['as restrictive']),
      ...(value.command === 'all' ? [] : [`for ${value.command}`]),
      `to ${value.roles.map((role) => (role === 'public' ? role : quoteName(role))).join(', ')}`,
      ...(value.using === undefined ? [] : [`using (${value.using})`]),
      ...(value.check === undefined ? [] : [`with check (${value.check})`]),
    ]
    return operation(
      'createPolicy',
      object,
      {
        sql: [clauses.join(' ')],
        down: [`drop policy ${quoteName(value.name)} on ${tableName(entity)}`],
      },
      { lock: 'ACCESS EXCLUSIVE' },
    )
  },
  change: () => 'remake',
  subject: (entity) => `policy ${quoteName(entity.value.name)} on ${tableName(entity)}`,
}

function tableName({ whole }: Part<'policy'>): string {
  return qualifiedName(whole.schema, whole.name)
}
