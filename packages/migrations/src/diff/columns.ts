import { qualifiedName, quoteName } from '../catalogue/quote.ts'
import type { Column } from '../catalogue/table.ts'
import { columnClause } from './column-clause.ts'
import { changeCounting } from './counting.ts'
import type { Craft } from './craft.ts'
import type { Part, Site } from './entity.ts'
import { type Operation, operation } from './operation.ts'
import { setNotNull } from './safe-form.ts'
import { typeChange } from './type-change.ts'

const VOLATILE =
  /\b(nextval|random|gen_random_uuid|uuid_generate_v\w+|uuidv[47]|clock_timestamp|timeofday|setseed)\(/

/** Columns. Those that a table has from its parent alone come and go with the parent's. */
export const columns: Craft<'column'> = {
  state: ({ value }) => ({
    type: value.type,
    collation: value.collation,
    notNull: value.notNull,
    generated: value.generated,
    identity: value.identity && { always: value.identity.always, options: value.identity.options },
    serial: value.serial?.options,
    storage: value.storage,
    compression: value.compression,
  }),
  make: (entity, site, parts) => {
    const { object, value, whole } = entity
    const expression = parts.find((part) => part.part === 'default')?.value.expression
    const isNew = site.isNew(entity.owner ?? '')
    // Rows that are there have no value yet: whoever runs the plan gives them one before NOT NULL is set.
    const late = value.notNull && !isNew && isEmptyAtFirst(value, expression)
    const column = late ? { ...value, notNull: false } : value
    const { before, clause, after } = columnClause(whole, column, expression)
    const table = tableOf(entity)
    const required = late ? setNotNull(whole, value.name, site) : undefined
    return operation(
      'addColumn',
      object,
      {
        sql: [
          ...before,
          `alter table ${table} add column ${clause}`,
          ...after,
          ...(required?.sql ?? []),
        ],
        down: [`alter table ${table} drop column ${quoteName(value.name)}`],
      },
      {
        lock: 'ACCESS EXCLUSIVE',
        rewrite: !isNew && writesRows(value, expression),
        destructive: late,
        transactional: required?.transactional ?? true,
      },
    )
  },
  change: (before, after, site) => {
    if (JSON.stringify(before.value.generated) !== JSON.stringify(after.value.generated)) {
      return 'remake'
    }
    const relaxed = before.value.notNull && !after.value.notNull
    const required = after.value.notNull && !before.value.notNull
    const counted = (entity: Part<'column'>) => entity.value.identity ?? entity.value.serial
    const type = changeType(before, after)
    const counting = changeCounting(before, after)
    // Only integers count, and what counts by identity is required.
    const stops = counted(before) && !counted(after)
    return [
      ...(stops || relaxed ? [] : type),
      ...(required ? [changeNotNull(before, after, site)] : []),
      ...counting,
      ...(relaxed ? [changeNotNull(before, after, site)] : []),
      ...(stops || relaxed ? type : []),
      ...changeStorage(before, after),
    ]
  },
  subject: (entity) => `column ${tableOf(entity)}.${quoteName(entity.value.name)}`,
}

function tableOf({ whole }: Part<'column'>): string {
  return qualifiedName(whole.schema, whole.name)
}

function isEmptyAtFirst(column: Column, expression: string | undefined): boolean {
  return !column.identity && !column.serial && !column.generated && expression === undefined
}

function writesRows(column: Column, expression: string | undefined): boolean {
  if (column.identity || column.serial || column.generated?.stored) return true
  return expression !== undefined && VOLATILE.test(expression)
}

function alterColumn(entity: Part<'column'>): string {
  return `alter table ${tableOf(entity)} alter column ${quoteName(entity.value.name)}`
}

function changeType(before: Part<'column'>, after: Part<'column'>): Operation[] {
  const [from, to] = [before.value, after.value]
  if (from.type === to.type && from.collation === to.collation) return []
  const { rewrite, narrowing } = typeChange(from.type, to.type)
  const statements = { sql: [retype(after, from, to)], down: [retype(after, to, from)] }
  const costs = { lock: 'ACCESS EXCLUSIVE', rewrite, destructive: narrowing } as const
  return [operation('alterColumn', after.object, statements, costs)]
}

function retype(entity: Part<'column'>, from: Column, to: Column): string {
  const using = typeChange(from.type, to.type).using?.(quoteName(to.name))
  const collation = to.collation === undefined ? '' : ` collate ${to.collation}`
  const conversion = using === undefined ? '' : ` using ${using}`
  return `${alterColumn(entity)} type ${to.type}${collation}${conversion}`
}

function changeNotNull(before: Part<'column'>, after: Part<'column'>, site: Site): Operation {
  const drop = [`${alterColumn(after)} drop not null`]
  if (!after.value.notNull) {
    const { sql } = setNotNull(before.whole, after.value.name, { ...site, online: false })
    const costs = { lock: 'ACCESS EXCLUSIVE' } as const
    return operation('alterColumn', after.object, { sql: drop, down: sql }, costs)
  }
  const { sql, transactional } = setNotNull(after.whole, after.value.name, site)
  return operation(
    'alterColumn',
    after.object,
    { sql, down: drop },
    { lock: 'ACCESS EXCLUSIVE', destructive: true, transactional },
  )
}

function changeStorage(before: Part<'column'>, after: Part<'column'>): Operation[] {
  const alter = (from: Column, to: Column) => [
    ...(from.storage === to.storage
      ? []
      : [`${alterColumn(after)} set storage ${to.storage ?? from.usualStorage}`]),
    ...(from.compression === to.compression
      ? []
      : [`${alterColumn(after)} set compression ${to.compression ?? 'default'}`]),
  ]
  const sql = alter(before.value, after.value)
  if (sql.length === 0) return []
  const statements = { sql, down: alter(after.value, before.value) }
  return [operation('alterColumn', after.object, statements, { lock: 'ACCESS EXCLUSIVE' })]
}

/** Defaults of columns that are there. */
export const defaults: Craft<'default'> = {
  state: ({ value }) => value.expression,
  make: (entity) => {
    const alter = alterDefault(entity)
    return operation(
      'addDefault',
      entity.object,
      { sql: [`${alter} set default ${entity.value.expression}`], down: [`${alter} drop default`] },
      { lock: 'ACCESS EXCLUSIVE' },
    )
  },
  change: (before, after) => {
    const alter = alterDefault(after)
    const statements = {
      sql: [`${alter} set default ${after.value.expression}`],
      down: [`${alter} set default ${before.value.expression}`],
    }
    return [operation('alterDefault', after.object, statements, { lock: 'ACCESS EXCLUSIVE' })]
  },
  subject: () => '',
}

function alterDefault({ whole, value }: Part<'default'>): string {
  return `alter table ${qualifiedName(whole.schema, whole.name)} alter column ${quoteName(value.column)}`
}
