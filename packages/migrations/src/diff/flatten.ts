import type { Catalogue } from '../catalogue/catalogue.ts'
import type { CatalogueObject } from '../catalogue/catalogue-object.ts'
import { type ObjectKind, objectId, routineId } from '../catalogue/object-id.ts'
import type { View } from '../catalogue/program-object.ts'
import type { Column, Table } from '../catalogue/table.ts'
import type { Entity } from './entity.ts'

/** All objects of a catalogue, one by one, under their ids. */
export function flatten(catalogue: Catalogue): Map<string, Entity> {
  const entities = new Map<string, Entity>()
  const add = <E extends Omit<Entity, 'needs'>>(entity: E): void => {
    const { id, object, owner } = entity
    const known = catalogue.dependencies[id] ?? []
    const home = object.kind === 'schema' ? [] : [objectId('schema', object.schema)]
    const needs = new Set([...known, ...home, ...(owner === undefined ? [] : [owner])])
    entities.set(id, { ...entity, needs: [...needs] } as unknown as Entity)
  }
  for (const value of catalogue.schemas) {
    add({ part: 'schema', ...whole('schema', { schema: value.name, ...value }), value })
  }
  for (const value of catalogue.extensions) {
    const object = { kind: 'extension', schema: value.schema, name: value.name } as const
    add({
      part: 'extension',
      id: objectId('extension', value.name),
      object,
      value,
      whole: undefined,
    })
  }
  for (const value of catalogue.enums) add({ part: 'enum', ...whole('type', value), value })
  for (const value of catalogue.composites)
    add({ part: 'composite', ...whole('type', value), value })
  for (const value of catalogue.ranges) add({ part: 'range', ...whole('type', value), value })
  for (const value of catalogue.domains) {
    const domain = whole('type', value)
    add({ part: 'domain', ...domain, value })
    for (const check of value.checks) {
      add({ part: 'domainCheck', ...partOf('constraint', domain.id, value, check), value: check })
    }
  }
  for (const value of catalogue.sequences)
    add({ part: 'sequence', ...whole('sequence', value), value })
  for (const value of catalogue.routines) {
    const { schema, name, signature } = value
    const routine = whole('routine', value)
    add({ part: 'routine', ...routine, id: routineId(schema, name, signature), value })
  }
  const tables = new Map(
    catalogue.tables.map((table) => [tableId(table.schema, table.name), table]),
  )
  for (const value of catalogue.tables) addTable(value, tables, add)
  for (const value of catalogue.views) addView(value, add)
  return entities
}

type Add = (entity: Omit<Entity, 'needs'>) => void

function addTable(value: Table, tables: ReadonlyMap<string, Table>, add: Add): void {
  const table = whole('table', value)
  const { id } = table
  add({ part: 'table', ...table, value })
  for (const column of value.columns) {
    const columnPart = partOf('column', id, value, column)
    add({ part: 'column', ...columnPart, value: column })
    const expression = ownDefault(value, column, tables)
    if (expression === undefined) continue
    add({
      part: 'default',
      id: objectId('default', value.schema, value.name, column.name),
      object: { kind: 'default', schema: value.schema, name: column.name, of: value.name },
      owner: columnPart.id,
      value: { column: column.name, expression },
      whole: value,
    })
  }
  for (const constraint of value.constraints) {
    add({ part: 'constraint', ...partOf('constraint', id, value, constraint), value: constraint })
  }
  for (const index of value.indexes) addIndex(id, value, index, add)
  for (const trigger of value.triggers) {
    add({ part: 'trigger', ...partOf('trigger', id, value, trigger), value: trigger })
  }
  for (const policy of value.policies) {
    add({ part: 'policy', ...partOf('policy', id, value, policy), value: policy })
  }
}

/** The default of a column, unless it has it from the parent of its table. */
function ownDefault(
  table: Table,
  column: Column,
  tables: ReadonlyMap<string, Table>,
): string | undefined {
  if (!column.inherited) return column.default
  const parents = table.partitionOf ? [table.partitionOf] : table.inherits
  const inherited = parents
    .flatMap((parent) => tables.get(tableId(parent.schema, parent.table))?.columns ?? [])
    .find(({ name }) => name === column.name)
  return inherited?.default === column.default ? undefined : column.default
}

function addView(value: View, add: Add): void {
  const view = whole('view', value)
  add({ part: 'view', ...view, value })
  for (const index of value.indexes) addIndex(view.id, value, index, add)
  for (const trigger of value.triggers) {
    add({ part: 'trigger', ...partOf('trigger', view.id, value, trigger), value: trigger })
  }
}

function addIndex(owner: string, value: Table | View, index: Table['indexes'][number], add: Add) {
  add({
    part: 'index',
    ...partOf('index', owner, value, index),
    id: objectId('index', value.schema, index.name),
    value: index,
  })
}

interface Named {
  readonly schema: string
  readonly name: string
  readonly comment?: string
}

function whole(kind: ObjectKind, { schema, name, comment }: Named) {
  const object: CatalogueObject = { kind, schema, name }
  const id = kind === 'schema' ? objectId(kind, name) : objectId(kind, schema, name)
  return { id, object, whole: undefined, ...(comment !== undefined && { comment }) }
}

function partOf<Whole extends Named>(
  kind: ObjectKind,
  owner: string,
  of: Whole,
  part: Omit<Named, 'schema'>,
) {
  const { name, comment } = part
  const object: CatalogueObject = { kind, schema: of.schema, name, of: of.name }
  const id = objectId(kind, of.schema, of.name, name)
  return { id, object, owner, whole: of, ...(comment !== undefined && { comment }) }
}

function tableId(schema: string, name: string): string {
  return objectId('table', schema, name)
}
