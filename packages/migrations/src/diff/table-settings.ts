import { qualifiedName, quoteName } from '../catalogue/quote.ts'
import type { Table } from '../catalogue/table.ts'

/** The statements that switch row level security on or off. */
export function rowSecurity(
  from: Pick<Table, 'rowSecurity' | 'forceRowSecurity'>,
  to: Table,
): string[] {
  const table = `alter table ${qualifiedName(to.schema, to.name)}`
  return [
    ...(from.rowSecurity === to.rowSecurity
      ? []
      : [`${table} ${to.rowSecurity ? 'enable' : 'disable'} row level security`]),
    ...(from.forceRowSecurity === to.forceRowSecurity
      ? []
      : [`${table} ${to.forceRowSecurity ? 'force' : 'no force'} row level security`]),
  ]
}

/** The statement that says what of an old row is logged for replicas. */
export function replicaIdentity({ schema, name, replicaIdentity: identity }: Table): string {
  const what = typeof identity === 'string' ? identity : `using index ${quoteName(identity.index)}`
  return `alter table ${qualifiedName(schema, name)} replica identity ${what}`
}
