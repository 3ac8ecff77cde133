import type { Catalogue } from '../catalogue/catalogue.ts'
import { objectId } from '../catalogue/object-id.ts'
import type { Table } from '../catalogue/table.ts'
import type { Renamed } from './rename-places.ts'

/** The catalogue with other names for constraints and indexes, whose names no text contains. */
export function withRenamedParts(catalogue: Catalogue, renames: readonly Renamed[]): Catalogue {
  if (renames.length === 0) return catalogue
  const ids = new Map(
    renames.map((each) => {
      const { names, to } = each
      return [idOf(each, names), idOf(each, [...names.slice(0, -1), to])]
    }),
  )
  const byId = new Map(renames.map((each) => [idOf(each, each.names), each.to]))
  const rename = (id: string) => ids.get(id) ?? id
  const dependencies = Object.entries(catalogue.dependencies).map(
    ([id, needs]) => [rename(id), needs.map(rename)] as const,
  )
  const tables = catalogue.tables.map((table): Table => {
    const { schema, name } = table
    const { replicaIdentity, constraints, indexes } = table
    const nameOf = (part: string) =>
      byId.get(objectId('index', schema, part)) ??
      byId.get(objectId('constraint', schema, name, part))
    return {
      ...table,
      constraints: constraints.map((each) => {
        return {
          ...each,
          name: byId.get(objectId('constraint', schema, name, each.name)) ?? each.name,
        }
      }),
      indexes: indexes.map((each) => {
        return { ...each, name: byId.get(objectId('index', schema, each.name)) ?? each.name }
      }),
      ...(typeof replicaIdentity === 'object' && {
        replicaIdentity: { index: nameOf(replicaIdentity.index) ?? replicaIdentity.index },
      }),
    }
  })
  return { ...catalogue, tables, dependencies: Object.fromEntries(dependencies) }
}

function idOf({ kind }: Renamed, names: readonly string[]): string {
  return objectId(kind === 'index' ? 'index' : 'constraint', ...names)
}
