import { UsageError } from '../errors/usage-error.ts'
import type { ColumnDefinition } from './column.ts'
import type { Check, Constraints, Exclusion, ForeignKey, Index, Unique } from './constraint.ts'
import { bytesIn, conventionalName, MOST_BYTES } from './constraint-name.ts'
import { toSnakeCase } from './naming.ts'
import type { KeyColumns, Relations } from './relation.ts'
import { isExpression, type NameMap } from './sql-text.ts'

/** What the names of a table are made from. */
export interface NamedTable extends Constraints {
  readonly name: string
  readonly table: string
  readonly columns: Readonly<Record<string, { readonly definition: ColumnDefinition }>>
  readonly relations: Relations
  readonly primaryKey: readonly string[]
}

/** What stands for an expression in the name of an index, as in PostgreSQL's own. */
const EXPRESSION = 'expr'

/**
 * The name in PostgreSQL of a model's column.
 *
 * @throws {UsageError} `MODEL_COLUMN` if the model has no such column
 */
export function columnName(table: NamedTable, key: string): string {
  return definitionOf(table, key).name ?? toSnakeCase(key)
}

/**
 * What is known of a model's column.
 *
 * @throws {UsageError} `MODEL_COLUMN` if the model has no such column
 */
export function definitionOf({ name, columns }: NamedTable, key: string): ColumnDefinition {
  const column = Object.hasOwn(columns, key) ? columns[key] : undefined
  if (column === undefined)
    throw new UsageError('MODEL_COLUMN', `model ${name} has no column ${key}`)
  return column.definition
}

/** The names in PostgreSQL of one column or several. */
export function columnNames(table: NamedTable, keys: KeyColumns<string> | undefined): string[] {
  if (keys === undefined) return []
  const list = typeof keys === 'string' ? [keys] : keys
  return list.map((key) => columnName(table, key))
}

/** How an expression of a table calls its columns. */
export function nameMapOf(table: NamedTable): NameMap {
  return (name) => {
    if (Object.hasOwn(table.columns, name)) return columnName(table, name)
    return name === table.name ? table.table : toSnakeCase(name)
  }
}

export const primaryKeyName = ({ table }: NamedTable): string => conventionalName(table, [], 'pkey')

export const uniqueName = (of: NamedTable, { name, on }: Unique): string =>
  name ?? conventionalName(of.table, columnNames(of, on), 'key')

export const checkName = (of: NamedTable, { name, on }: Check): string =>
  name ?? conventionalName(of.table, columnNames(of, on), 'check')

export const foreignKeyName = (
  of: NamedTable,
  { name, on }: Pick<ForeignKey, 'name' | 'on'>,
): string => name ?? conventionalName(of.table, columnNames(of, on), 'fkey')

export const exclusionName = (of: NamedTable, { name, on }: Exclusion): string =>
  name ??
  conventionalName(
    of.table,
    on.map((key) => wordOf(of, key)),
    'excl',
  )

export function indexName(of: NamedTable, { name, on, unique, include }: Index): string {
  if (name !== undefined) return name
  const keys = keysOf(on).map((key) => wordOf(of, key))
  return conventionalName(
    of.table,
    [...keys, ...columnNames(of, include)],
    unique === true ? 'key' : 'idx',
  )
}

/** The keys of an index, as a list. */
export function keysOf(on: Index['on']): readonly Exclude<Index['on'], readonly unknown[]>[] {
  return (Array.isArray(on) ? on : [on]) as readonly Exclude<Index['on'], readonly unknown[]>[]
}

function wordOf(of: NamedTable, key: ReturnType<typeof keysOf>[number]): string {
  if (typeof key === 'string') return columnName(of, key)
  return isExpression(key) || 'expression' in key ? EXPRESSION : columnName(of, key.column)
}

/**
 * Refuses names that PostgreSQL would cut or that two things of one table would share.
 *
 * @throws {UsageError} `MODEL_NAME_LONG`, `MODEL_NAME_TAKEN`, `MODEL_COLUMN`
 */
export function assertNames(table: NamedTable): void {
  const columns = Object.keys(table.columns).map((key) => columnName(table, key))
  assertApart(table.name, 'columns', columns)
  assertApart(table.name, 'constraints or indexes', namesIn(table))
  assertShort(table.name, [table.table])
}

/** The names of all that a table keeps true and looks up by. */
function namesIn(table: NamedTable): string[] {
  const { uniques = [], checks = [], foreignKeys = [], exclusions = [], indexes = [] } = table
  const references = Object.values(table.relations).filter(({ constraint }) => constraint)
  return [
    ...(table.primaryKey.length > 0 ? [primaryKeyName(table)] : []),
    ...[...columnUniques(table), ...uniques].map((one) => uniqueName(table, one)),
    ...columnChecks(table).map((on) =>
      conventionalName(table.table, columnNames(table, on), 'check'),
    ),
    ...checks.map((one) => checkName(table, one)),
    ...exclusions.map((one) => exclusionName(table, one)),
    ...[...references.map(({ own }) => ({ on: own })), ...foreignKeys].map((one) =>
      foreignKeyName(table, one),
    ),
    ...indexes.map((one) => indexName(table, one)),
  ]
}

/** The columns that are unique by themselves. */
export function columnUniques({ columns }: NamedTable): Unique[] {
  return Object.keys(columns)
    .filter((key) => columns[key]?.definition.unique)
    .map((on) => ({ on }))
}

/** The columns that have a CHECK constraint of their own. */
export function columnChecks({ columns }: NamedTable): string[] {
  return Object.keys(columns).filter((key) => {
    const definition = columns[key]?.definition
    if (definition === undefined) return false
    return definition.checks.length > 0 || definition.oneOf !== undefined
  })
}

function assertApart(model: string, what: string, names: readonly string[]): void {
  assertShort(model, names)
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice === undefined) return
  throw new UsageError(
    'MODEL_NAME_TAKEN',
    `model ${model} has two ${what} of the name ${twice}: give one of them another \`name\``,
  )
}

function assertShort(model: string, names: readonly string[]): void {
  const long = names.find((name) => bytesIn(name) > MOST_BYTES)
  if (long === undefined) return
  throw new UsageError(
    'MODEL_NAME_LONG',
    `${long} of model ${model} has ${bytesIn(long)} bytes; PostgreSQL would cut it at ${MOST_BYTES}: shorten it`,
  )
}
