import { qualifiedName, quoteName } from '../catalogue/quote.ts'
import type { Column, Table } from '../catalogue/table.ts'
import { startCounting, stopCounting } from './column-clause.ts'
import type { Part } from './entity.ts'
import { type Operation, operation } from './operation.ts'
import { allClauses, alterSequence, retypedOptions } from './sequences.ts'

/** The change from one way to count, by identity, serial or not at all, to another one. */
export function changeCounting(before: Part<'column'>, after: Part<'column'>): Operation[] {
  const sql = statements(after.whole, before.value, after.value)
  if (sql.length === 0) return []
  const down = statements(before.whole, after.value, before.value)
  const costs = { lock: 'ACCESS EXCLUSIVE' } as const
  return [operation('alterColumn', after.object, { sql, down }, costs)]
}

function statements(table: Table, from: Column, to: Column): string[] {
  if (from.identity && to.identity) {
    return changeIdentity(table, { ...to, identity: to.identity }, from.identity, from.type)
  }
  if (from.serial && to.serial) {
    if (JSON.stringify(from.serial.options) === JSON.stringify(to.serial.options)) return []
    return [alterSequence(qualifiedName(from.serial.schema, from.serial.name), to.serial.options)]
  }
  const counted = from.identity ?? from.serial
  const counts = to.identity ?? to.serial
  if (!counted && !counts) return []
  return [...stopCounting(table, from), ...startCounting(table, to)]
}

function changeIdentity(
  table: Table,
  to: Column & Required<Pick<Column, 'identity'>>,
  before: NonNullable<Column['identity']>,
  typeBefore: string,
): string[] {
  const { identity } = to
  // The sequence follows the type of its column by itself.
  const moved =
    typeBefore === to.type ? before.options : retypedOptions(before.options, identity.options.type)
  const set = [
    ...(before.always === identity.always
      ? []
      : [`set generated ${identity.always ? 'always' : 'by default'}`]),
    ...(JSON.stringify(moved) === JSON.stringify(identity.options)
      ? []
      : allClauses(identity.options).map((clause) => `set ${clause}`)),
  ]
  if (set.length === 0) return []
  const name = qualifiedName(table.schema, table.name)
  return [`alter table ${name} alter column ${quoteName(to.name)} ${set.join(' ')}`]
}
