import type { Catalogue } from '../catalogue/catalogue.ts'
import { objectId } from '../catalogue/object-id.ts'
import { qualifiedName } from '../catalogue/quote.ts'
import type { Column, Constraint, Index, Table } from '../catalogue/table.ts'
import type { Renamed } from './rename-places.ts'
import { withRenamedParts } from './renamed-parts.ts'
import { renameColumnIn, renameLabelIn, renameTableIn } from './sql-words.ts'

/** What of a catalogue is SQL text. */
const TEXTS = new Set([
  'arguments',
  'bound',
  'check',
  'default',
  'definition',
  'expression',
  'partitionKey',
  'predicate',
  'query',
  'result',
  'signature',
  'type',
  'using',
])

/** The catalogue as the server would give it after a rename, as far as texts can be changed without understanding them. */
export function renamedCatalogue(catalogue: Catalogue, renamed: Renamed): Catalogue {
  if (renamed.kind === 'constraint' || renamed.kind === 'index') {
    return withRenamedParts(catalogue, [renamed])
  }
  const moved = withIds(catalogue, (id) => renamedId(id, renamed))
  const [schema = '', owner = ''] = renamed.names
  const from = renamed.names.at(-1) ?? ''
  switch (renamed.kind) {
    case 'table':
      return renameTable(moved, schema, from, renamed.to)
    case 'column':
      return renameColumn(moved, { schema, table: owner, from, to: renamed.to })
    default: {
      const type = { schema, name: owner }
      const label = { from, to: renamed.to }
      const enums = moved.enums.map((each) =>
        each.schema === schema && each.name === owner
          ? { ...each, values: each.values.map((value) => (value === from ? renamed.to : value)) }
          : each,
      )
      return { ...mapTexts(moved, (text) => renameLabelIn(text, type, label)), enums }
    }
  }
}

/** The id that an object has after a rename. */
export function renamedId(id: string, { kind, names, to }: Renamed): string {
  const outer = names.slice(0, -1)
  const swap = (kinds: readonly ('table' | 'column' | 'default' | 'constraint' | 'index')[]) => {
    for (const each of kinds)
      if (id === objectId(each, ...names)) return objectId(each, ...outer, to)
    return id
  }
  if (kind === 'column') return swap(['column', 'default'])
  if (kind === 'constraint' || kind === 'index') return swap([kind])
  if (kind !== 'table') return id
  const [schema = '', from = ''] = names
  const at = id.indexOf(' ') + 1
  const [before, after] = [qualifiedName(schema, from), qualifiedName(schema, to)]
  const rest = id.slice(at + before.length)
  const belongs = /^(table|column|constraint|default|policy|trigger) /.test(id)
  if (!belongs || !id.startsWith(before, at) || (rest !== '' && !rest.startsWith('.'))) return id
  return `${id.slice(0, at)}${after}${rest}`
}

function withIds(catalogue: Catalogue, rename: (id: string) => string): Catalogue {
  const dependencies = Object.entries(catalogue.dependencies).map(
    ([id, needs]) => [rename(id), needs.map(rename)] as const,
  )
  return { ...catalogue, dependencies: Object.fromEntries(dependencies) }
}

function mapTexts<Value>(value: Value, change: (text: string) => string, key?: string): Value {
  if (typeof value === 'string') return (key && TEXTS.has(key) ? change(value) : value) as Value
  if (Array.isArray(value)) return value.map((each) => mapTexts(each, change)) as Value
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([name, each]) => [name, mapTexts(each, change, name)])
  return Object.fromEntries(entries) as Value
}

function renameTable(catalogue: Catalogue, schema: string, from: string, to: string): Catalogue {
  const texts = mapTexts(catalogue, (text) => renameTableIn(text, schema, from, to))
  const follow = <Reference extends { readonly schema: string; readonly table: string }>(
    reference: Reference,
  ): Reference =>
    reference.schema === schema && reference.table === from
      ? { ...reference, table: to }
      : reference
  const tables = texts.tables.map((table): Table => {
    const { name, partitionOf, inherits, constraints } = table
    return {
      ...table,
      name: table.schema === schema && name === from ? to : name,
      inherits: inherits.map(follow),
      ...(partitionOf && { partitionOf: follow(partitionOf) }),
      constraints: constraints.map((constraint) => {
        const { references } = constraint
        return references ? { ...constraint, references: follow(references) } : constraint
      }),
    }
  })
  const sequences = texts.sequences.map((sequence) => {
    return sequence.ownedBy ? { ...sequence, ownedBy: follow(sequence.ownedBy) } : sequence
  })
  return { ...texts, tables, sequences }
}

interface ColumnRename {
  readonly schema: string
  readonly table: string
  readonly from: string
  readonly to: string
}

function renameColumn(catalogue: Catalogue, rename: ColumnRename): Catalogue {
  const { schema, table, from, to } = rename
  const name = (each: string) => (each === from ? to : each)
  const own = (each: Table) => each.schema === schema && each.name === table
  const child = ({ partitionOf, inherits }: Table) =>
    [...(partitionOf ? [partitionOf] : []), ...inherits].some(
      (parent) => parent.schema === schema && parent.table === table,
    )
  const tables = catalogue.tables.map((each): Table => {
    if (own(each)) return renameOwnColumn(each, from, to)
    const columns = each.columns.map((column) => ({ ...column, name: name(column.name) }))
    const constraints = each.constraints.map((constraint) => referring(constraint, rename))
    return { ...each, constraints, ...(child(each) && { columns }) }
  })
  const sequences = catalogue.sequences.map((sequence) => {
    const { ownedBy } = sequence
    if (ownedBy?.schema !== schema || ownedBy.table !== table) return sequence
    return { ...sequence, ownedBy: { ...ownedBy, column: name(ownedBy.column) } }
  })
  const views = catalogue.views.map((view) => ({
    ...view,
    query: renameColumnIn(view.query, from, to),
  }))
  return { ...catalogue, tables, sequences, views }
}

function renameOwnColumn(table: Table, from: string, to: string): Table {
  const name = (each: string) => (each === from ? to : each)
  const inText = <Value>(value: Value) => mapTexts(value, (text) => renameColumnIn(text, from, to))
  const { partitionKey } = table
  return {
    ...table,
    ...(partitionKey !== undefined && { partitionKey: renameColumnIn(partitionKey, from, to) }),
    columns: table.columns.map((column): Column => {
      const { generated } = column
      return {
        ...column,
        name: name(column.name),
        ...(generated && { generated: inText(generated) }),
      }
    }),
    constraints: table.constraints.map((constraint): Constraint => {
      const { columns, include, expression } = constraint
      return {
        ...constraint,
        definition: ownPart(constraint.definition, from, to),
        columns: columns.map(name),
        ...(include && { include: include.map(name) }),
        ...(expression !== undefined && { expression: renameColumnIn(expression, from, to) }),
      }
    }),
    indexes: inText(table.indexes).map((index): Index => {
      const keys = index.keys.map((key) => {
        return key.column === undefined ? key : { ...key, column: name(key.column) }
      })
      return { ...index, keys, include: index.include.map(name) }
    }),
    triggers: inText(table.triggers),
    policies: inText(table.policies),
  }
}

/** A foreign key names columns of the other table after REFERENCES. */
function ownPart(definition: string, from: string, to: string): string {
  const at = definition.startsWith('FOREIGN KEY') ? definition.indexOf(' REFERENCES ') : -1
  if (at < 0) return renameColumnIn(definition, from, to)
  return renameColumnIn(definition.slice(0, at), from, to) + definition.slice(at)
}

function referring(constraint: Constraint, { schema, table, from, to }: ColumnRename): Constraint {
  const { references, definition } = constraint
  if (references?.schema !== schema || references.table !== table) return constraint
  const at = definition.indexOf(' REFERENCES ')
  const columns = references.columns.map((each) => (each === from ? to : each))
  return {
    ...constraint,
    references: { ...references, columns },
    definition: definition.slice(0, at) + renameColumnIn(definition.slice(at), from, to),
  }
}
