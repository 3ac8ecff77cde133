import { qualifiedName, quoteName, quoteText } from '../catalogue/quote.ts'
import type { Column, ColumnSequence, Table } from '../catalogue/table.ts'
import { allClauses, sequenceClauses } from './sequences.ts'
import { usualName } from './usual-name.ts'

/** A column as CREATE TABLE and ADD COLUMN write it, with what has to happen around. */
export interface ColumnClause {
  readonly before: readonly string[]
  readonly clause: string
  readonly after: readonly string[]
}

const SERIAL: Readonly<Record<string, string>> = {
  smallint: 'smallserial',
  integer: 'serial',
  bigint: 'bigserial',
}

/** Writes a column. `expression` is its default, if that is not to be set later. */
export function columnClause(
  table: Table,
  column: Column,
  expression: string | undefined,
): ColumnClause {
  const { serial } = column
  const plain = serial && isUsual(table, column, serial) ? SERIAL[column.type] : undefined
  const sequence = serial && qualifiedName(serial.schema, serial.name)
  const value = serial && plain === undefined ? nextValue(serial) : expression
  const notNull =
    column.notNullName === undefined
      ? 'not null'
      : `constraint ${quoteName(column.notNullName)} not null`
  const words = [
    quoteName(column.name),
    plain ?? column.type,
    ...(column.collation === undefined ? [] : [`collate ${column.collation}`]),
    ...(column.generated ? [generatedClause(column.generated)] : []),
    ...(column.identity ? [identityClause(table, column, column.identity)] : []),
    ...(value === undefined ? [] : [`default ${value}`]),
    ...(column.notNull && (plain === undefined || column.notNullName !== undefined)
      ? [notNull]
      : []),
  ]
  const name = qualifiedName(table.schema, table.name)
  const alter = `alter table ${name} alter column ${quoteName(column.name)}`
  return {
    before: sequence && plain === undefined ? [createSequence(sequence, serial)] : [],
    clause: words.join(' '),
    after: [
      ...(sequence && plain === undefined ? [ownSequence(table, column, sequence)] : []),
      ...(plain !== undefined && !column.notNull ? [`${alter} drop not null`] : []),
      ...(column.storage === undefined ? [] : [`${alter} set storage ${column.storage}`]),
      ...(column.compression === undefined
        ? []
        : [`${alter} set compression ${column.compression}`]),
    ],
  }
}

/** Whether the sequence of a column is what `serial` or a bare identity would make. */
function isUsual(table: Table, column: Column, sequence: ColumnSequence): boolean {
  return (
    sequence.options.type === column.type &&
    sequenceClauses(sequence.options).length === 0 &&
    sequence.schema === table.schema &&
    sequence.name === usualName(table.name, column.name, 'seq')
  )
}

function generatedClause({ expression, stored }: NonNullable<Column['generated']>): string {
  return `generated always as (${expression}) ${stored ? 'stored' : 'virtual'}`
}

function identityClause(
  table: Table,
  column: Column,
  identity: NonNullable<Column['identity']>,
): string {
  const { schema, name, options } = identity
  const usual = schema === table.schema && name === usualName(table.name, column.name, 'seq')
  const clauses = [
    ...(usual ? [] : [`sequence name ${qualifiedName(schema, name)}`]),
    ...sequenceClauses(options),
  ]
  const always = `generated ${identity.always ? 'always' : 'by default'} as identity`
  return clauses.length === 0 ? always : `${always} (${clauses.join(' ')})`
}

function createSequence(sequence: string, { options }: ColumnSequence): string {
  return `create sequence ${sequence} as ${options.type} ${allClauses(options).join(' ')}`
}

function ownSequence(table: Table, column: Column, sequence: string): string {
  const owner = `${qualifiedName(table.schema, table.name)}.${quoteName(column.name)}`
  return `alter sequence ${sequence} owned by ${owner}`
}

function nextValue({ schema, name }: ColumnSequence): string {
  return `nextval(${quoteText(qualifiedName(schema, name))}::regclass)`
}

/** The statements after which a column that is there counts by itself, from the largest value on. */
export function startCounting(table: Table, column: Column): string[] {
  const name = qualifiedName(table.schema, table.name)
  const quoted = quoteName(column.name)
  const alter = `alter table ${name} alter column ${quoted}`
  const counter = column.identity ?? column.serial
  if (!counter) return []
  const sequence = qualifiedName(counter.schema, counter.name)
  const start = column.identity
    ? [`${alter} add ${identityClause(table, column, column.identity)}`]
    : [
        createSequence(sequence, counter),
        `${alter} set default ${nextValue(counter)}`,
        ownSequence(table, column, sequence),
      ]
  const largest = `select setval(pg_get_serial_sequence(${quoteText(name)}, ${quoteText(column.name)}), max(${quoted})) from ${name} having max(${quoted}) is not null`
  return [...start, largest]
}

/** The statements after which a column does not count by itself. */
export function stopCounting(table: Table, column: Column): string[] {
  const alter = `alter table ${qualifiedName(table.schema, table.name)} alter column ${quoteName(column.name)}`
  if (column.identity) return [`${alter} drop identity`]
  if (!column.serial) return []
  const sequence = qualifiedName(column.serial.schema, column.serial.name)
  return [`${alter} drop default`, `drop sequence ${sequence}`]
}
