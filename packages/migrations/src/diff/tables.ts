import { qualifiedName, quoteName } from '../catalogue/quote.ts'
import type { Table } from '../catalogue/table.ts'
import type { Craft } from './craft.ts'
import { createTable } from './create-table.ts'
import { operation } from './operation.ts'
import { changeOptions } from './quote-list.ts'
import { replicaIdentity, rowSecurity } from './table-settings.ts'

/** Tables, with all their parts when they are made. */
export const tables: Craft<'table'> = {
  state: ({ value }) => ({
    unlogged: value.unlogged,
    partitionKey: value.partitionKey,
    partitionOf: value.partitionOf,
    inherits: value.inherits,
    options: value.options,
    accessMethod: value.accessMethod,
    rowSecurity: value.rowSecurity,
    forceRowSecurity: value.forceRowSecurity,
    replicaIdentity: value.replicaIdentity,
  }),
  make: createTable,
  change: (before, after) => {
    const [from, to] = [before.value, after.value]
    if (from.partitionKey !== to.partitionKey) return 'remake'
    const statements = { sql: alter(from, to), down: alter(to, from) }
    const rewrite = from.unlogged !== to.unlogged || from.accessMethod !== to.accessMethod
    const costs = { lock: 'ACCESS EXCLUSIVE', rewrite } as const
    return [operation('alterTable', after.object, statements, costs)]
  },
  subject: ({ value }) => `table ${qualifiedName(value.schema, value.name)}`,
}

function alter(from: Table, to: Table): string[] {
  const table = `alter table ${qualifiedName(to.schema, to.name)}`
  return [
    ...detach(from, to),
    ...(from.unlogged === to.unlogged
      ? []
      : [`${table} set ${to.unlogged ? 'unlogged' : 'logged'}`]),
    ...(from.accessMethod === to.accessMethod
      ? []
      : [`${table} set access method ${quoteName(to.accessMethod ?? 'heap')}`]),
    ...changeOptions(table, from.options, to.options),
    ...rowSecurity(from, to),
    ...(JSON.stringify(from.replicaIdentity) === JSON.stringify(to.replicaIdentity)
      ? []
      : [replicaIdentity(to)]),
    ...attach(from, to),
  ]
}

function detach(from: Table, to: Table): string[] {
  const name = qualifiedName(to.schema, to.name)
  const moved = JSON.stringify(from.partitionOf) !== JSON.stringify(to.partitionOf)
  const left = from.inherits.filter((parent) => !includes(to.inherits, parent))
  return [
    ...(from.partitionOf && moved
      ? [`alter table ${parentName(from.partitionOf)} detach partition ${name}`]
      : []),
    ...left.map((parent) => `alter table ${name} no inherit ${parentName(parent)}`),
  ]
}

function attach(from: Table, to: Table): string[] {
  const name = qualifiedName(to.schema, to.name)
  const { partitionOf } = to
  const moved = JSON.stringify(from.partitionOf) !== JSON.stringify(partitionOf)
  const joined = to.inherits.filter((parent) => !includes(from.inherits, parent))
  return [
    ...joined.map((parent) => `alter table ${name} inherit ${parentName(parent)}`),
    ...(partitionOf && moved
      ? [`alter table ${parentName(partitionOf)} attach partition ${name} ${partitionOf.bound}`]
      : []),
  ]
}

type Parent = Table['inherits'][number]

function includes(parents: readonly Parent[], { schema, table }: Parent): boolean {
  return parents.some((parent) => parent.schema === schema && parent.table === table)
}

function parentName({ schema, table }: Parent): string {
  return qualifiedName(schema, table)
}
