import { qualifiedName, quoteName } from '../catalogue/quote.ts'
import type { Constraint, Table } from '../catalogue/table.ts'
import { type ColumnClause, columnClause } from './column-clause.ts'
import type { Entity, Part, Site } from './entity.ts'
import { type Operation, operation } from './operation.ts'
import { quoteOptions } from './quote-list.ts'
import { addConstraint } from './safe-form.ts'
import { replicaIdentity, rowSecurity } from './table-settings.ts'

const ORDER: readonly Constraint['type'][] = [
  'primaryKey',
  'unique',
  'exclude',
  'check',
  'foreignKey',
]

/** Makes a table: its columns and constraints in one statement, what cannot be said there in others. */
export function createTable(
  entity: Part<'table'>,
  site: Site,
  parts: readonly Entity[],
): Operation {
  const table = entity.value
  const name = qualifiedName(table.schema, table.name)
  const columns = table.partitionOf ? [] : ownColumns(parts)
  const constraints = parts
    .filter((part) => part.part === 'constraint')
    .map(({ value }) => value)
    .sort((a, b) => ORDER.indexOf(a.type) - ORDER.indexOf(b.type))
  const inline = constraints.filter(isInline)
  const lines = [
    ...columns.map(({ clause }) => clause),
    ...inline.map(
      (constraint) => `constraint ${quoteName(constraint.name)} ${constraint.definition}`,
    ),
  ]
  const late = constraints.filter((constraint) => !isInline(constraint))
  return operation('createTable', entity.object, {
    sql: [
      ...columns.flatMap(({ before }) => before),
      [
        `create ${table.unlogged ? 'unlogged ' : ''}table ${name}`,
        ...head(table, lines),
        ...tail(table),
      ].join(' '),
      ...columns.flatMap(({ after }) => after),
      ...inheritedDefaults(table, parts),
      ...late.flatMap((constraint) => addConstraint(table, constraint, site).sql),
      ...rowSecurity({ rowSecurity: false, forceRowSecurity: false }, table),
    ],
    down: [`drop table ${name}`],
  })
}

function ownColumns(parts: readonly Entity[]): ColumnClause[] {
  const defaults = new Map(
    parts.filter((part) => part.part === 'default').map(({ owner, value }) => [owner, value]),
  )
  return parts
    .filter((part) => part.part === 'column')
    .filter(({ value }) => !value.inherited)
    .map(({ id, whole, value }) => columnClause(whole, value, defaults.get(id)?.expression))
}

/** A constraint with storage parameters, or one that old rows may break, is added by a statement of its own. */
function isInline({ type, validated, options }: Constraint): boolean {
  const checks = type === 'check' || type === 'foreignKey'
  return options.length === 0 && (validated || !checks)
}

function head(table: Table, lines: readonly string[]): string[] {
  const list = lines.length === 0 ? '()' : `(\n  ${lines.join(',\n  ')}\n)`
  const { partitionOf, inherits } = table
  if (partitionOf) {
    const parent = qualifiedName(partitionOf.schema, partitionOf.table)
    return [`partition of ${parent}`, ...(lines.length === 0 ? [] : [list]), partitionOf.bound]
  }
  const parents = inherits.map((parent) => qualifiedName(parent.schema, parent.table))
  return [list, ...(parents.length === 0 ? [] : [`inherits (${parents.join(', ')})`])]
}

function tail({ partitionKey, accessMethod, options }: Table): string[] {
  return [
    ...(partitionKey === undefined ? [] : [`partition by ${partitionKey}`]),
    ...(accessMethod === undefined ? [] : [`using ${quoteName(accessMethod)}`]),
    ...(options.length === 0 ? [] : [`with (${quoteOptions(options)})`]),
  ]
}

function inheritedDefaults(table: Table, parts: readonly Entity[]): string[] {
  const inherited = new Set(
    table.columns.filter((column) => column.inherited).map(({ name }) => name),
  )
  const alter = `alter table ${qualifiedName(table.schema, table.name)} alter column`
  return parts
    .filter((part) => part.part === 'default')
    .filter(({ value }) => inherited.has(value.column))
    .map(({ value }) => `${alter} ${quoteName(value.column)} set default ${value.expression}`)
}

/** What can be said of a table only once its indexes are there. */
export function afterIndexes(table: Table): string[] {
  return table.replicaIdentity === 'default' ? [] : [replicaIdentity(table)]
}
