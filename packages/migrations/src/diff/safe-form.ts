import { objectId } from '../catalogue/object-id.ts'
import { qualifiedName, quoteName } from '../catalogue/quote.ts'
import type { Constraint, Table } from '../catalogue/table.ts'
import type { Site } from './entity.ts'
import { quoteNames, quoteOptions } from './quote-list.ts'
import { usualName } from './usual-name.ts'

/** Statements, and whether they may share a transaction. */
export interface Form {
  readonly sql: readonly string[]
  readonly transactional: boolean
}

/**
 * Sets NOT NULL. On a table in use a CHECK is validated first, which lets others write meanwhile; the server then takes its word
 * and does not read the table again under its strongest lock.
 */
export function setNotNull(table: Table, column: string, site: Site): Form {
  const name = qualifiedName(table.schema, table.name)
  const set = `alter table ${name} alter column ${quoteName(column)} set not null`
  if (!inUse(table, site)) return { sql: [set], transactional: true }
  const check = quoteName(usualName(table.name, column, 'not_null_check'))
  return {
    sql: [
      `alter table ${name} add constraint ${check} check (${quoteName(column)} is not null) not valid`,
      `alter table ${name} validate constraint ${check}`,
      set,
      `alter table ${name} drop constraint ${check}`,
    ],
    transactional: false,
  }
}

/**
 * Adds a constraint. On a table in use a foreign key or check begins NOT VALID, under a short lock, and is validated while others write;
 * a key is made of an index that was built meanwhile.
 */
export function addConstraint(table: Table, constraint: Constraint, site: Site): Form {
  const name = qualifiedName(table.schema, table.name)
  const quoted = quoteName(constraint.name)
  const add = `alter table ${name} add constraint ${quoted}`
  const plain = `${add} ${constraint.definition}`
  const checks = constraint.type === 'check' || constraint.type === 'foreignKey'
  if (checks && !constraint.validated) return { sql: [`${plain} not valid`], transactional: true }
  const options = constraint.options.length === 0 ? [] : [setIndexOptions(table, constraint)]
  if (!inUse(table, site) || unsafeOnly(table, constraint)) {
    return { sql: [plain, ...options], transactional: true }
  }
  if (checks) {
    const validate = `alter table ${name} validate constraint ${quoted}`
    return { sql: [`${plain} not valid`, validate], transactional: false }
  }
  const key = constraint.type === 'primaryKey' ? 'primary key' : 'unique'
  return {
    sql: [
      concurrentKeyIndex(table, constraint),
      `${add} ${key} using index ${quoted}${deferral(constraint)}`,
    ],
    transactional: false,
  }
}

function inUse(table: Table, site: Site): boolean {
  return site.online && !site.isNew(objectId('table', table.schema, table.name))
}

/** What the server can only do at once: most things on a table with partitions, and keys that are no B-trees. */
function unsafeOnly(table: Table, { type, period, definition }: Constraint): boolean {
  if (type === 'exclude' || (period && type !== 'foreignKey')) return true
  if (definition.endsWith('NOT ENFORCED')) return true
  return table.partitionKey !== undefined && type !== 'check'
}

function concurrentKeyIndex(table: Table, constraint: Constraint): string {
  const { name, columns, include = [], nullsNotDistinct, options } = constraint
  return [
    `create unique index concurrently ${quoteName(name)} on ${qualifiedName(table.schema, table.name)} (${quoteNames(columns)})`,
    ...(include.length === 0 ? [] : [`include (${quoteNames(include)})`]),
    ...(nullsNotDistinct ? ['nulls not distinct'] : []),
    ...(options.length === 0 ? [] : [`with (${quoteOptions(options)})`]),
  ].join(' ')
}

function deferral({ deferrable, initiallyDeferred }: Constraint): string {
  return `${deferrable ? ' deferrable' : ''}${initiallyDeferred ? ' initially deferred' : ''}`
}

/** Gives the index behind a constraint its storage parameters. */
function setIndexOptions(table: Table, { name, options }: Constraint): string {
  return `alter index ${qualifiedName(table.schema, name)} set (${quoteOptions(options)})`
}
