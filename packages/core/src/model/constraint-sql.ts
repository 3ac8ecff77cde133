import { type Expression, sql } from 'kysely'
import { UsageError } from '../errors/usage-error.ts'
import type {
  Deferrable,
  Exclusion,
  ForeignKey,
  Index,
  KeyOrder,
  Named,
  Unique,
} from './constraint.ts'
import { conventionalName } from './constraint-name.ts'
import type { Model } from './model.ts'
import type { Relation } from './relation.ts'
import { isExpression, literal, qualified, quoted, quotedList, textOf } from './sql-text.ts'
import {
  checkName,
  columnChecks,
  columnName,
  columnNames,
  columnUniques,
  definitionOf,
  exclusionName,
  foreignKeyName,
  indexName,
  keysOf,
  nameMapOf,
  primaryKeyName,
  uniqueName,
} from './table-names.ts'

/** Something of a table with a name of its own, and how it is written after that name. */
export interface TablePart {
  readonly name: string
  readonly definition: string
  readonly comment: string | undefined
  /** Rows that are there already are not looked at; a new table cannot be made with it. */
  readonly notValid: boolean
}

/** Whoever finds a model by its name, or says that there is none. */
export type FindModel = (name: string) => Model

/** The constraints of a table besides its foreign keys. */
export function constraintsOf(model: Model): TablePart[] {
  const { primaryKey, uniques, checks, exclusions } = model
  const key =
    primaryKey.length === 0
      ? []
      : [part(primaryKeyName(model), `primary key ${quotedList(columnNames(model, primaryKey))}`)]
  return [
    ...key,
    ...[...columnUniques(model), ...uniques].map((one) => uniqueOf(model, one)),
    ...columnChecks(model).map((name) => columnCheckOf(model, name)),
    ...checks.map((one) => {
      const condition = textOf(one.check, nameMapOf(model))
      return part(checkName(model, one), `check (${condition})`, one)
    }),
    ...exclusions.map((one) => exclusionOf(model, one)),
  ]
}

/** The indexes of a table, each as what follows `index`, besides those behind its constraints. */
export function indexesOf(model: Model): (TablePart & { readonly unique: boolean })[] {
  return model.indexes.map((one) => ({
    ...part(indexName(model, one), indexDefinition(model, one), one),
    unique: one.unique === true,
  }))
}

/**
 * The foreign keys of a table, those of its `belongsTo` first.
 *
 * @throws {UsageError} `MODEL_RELATION` if the columns of both sides do not pair up; what `find` throws
 */
export function foreignKeysOf(model: Model, find: FindModel): TablePart[] {
  const related = Object.values(model.relations).flatMap((relation) => referenceOf(relation) ?? [])
  return [...related, ...model.foreignKeys].map((one) =>
    part(foreignKeyName(model, one), foreignKeyDefinition(model, one, find), one),
  )
}

function uniqueOf(model: Model, unique: Unique): TablePart {
  const { on, nullsNotDistinct, include, deferrable } = unique
  const nulls = nullsNotDistinct === true ? ' nulls not distinct' : ''
  const columns = quotedList(columnNames(model, on))
  const definition = `unique${nulls} ${columns}${including(model, include)}${deferring(deferrable)}`
  return part(uniqueName(model, unique), definition, unique)
}

/** All conditions on one column: one constraint, so that its name says which column refused a row. */
function columnCheckOf(model: Model, key: string): TablePart {
  const name = columnName(model, key)
  const { checks, oneOf } = definitionOf(model, key)
  const listed = oneOf ? [`${quoted(name)} in (${oneOf.map(literal).join(', ')})`] : []
  const told = checks.map((check) => textOf(check(sql.ref(key)), nameMapOf(model)))
  const conditions = [...listed, ...told].map((condition) => `(${condition})`).join(' and ')
  return part(conventionalName(model.table, [name], 'check'), `check (${conditions})`)
}

function exclusionOf(model: Model, exclusion: Exclusion): TablePart {
  const { on, using = 'gist', where, deferrable } = exclusion
  const keys = on.map((key) => {
    const subject = 'column' in key ? key.column : key.expression
    return `${keyOf(model, subject, key)} with ${key.with}`
  })
  const definition = `exclude using ${using} (${keys.join(', ')})${only(model, where)}${deferring(deferrable)}`
  return part(exclusionName(model, exclusion), definition, exclusion)
}

function indexDefinition(model: Model, index: Index): string {
  const { on, using = 'btree', include, nullsNotDistinct, where, with: parameters } = index
  const keys = keysOf(on).map((key) => {
    if (typeof key === 'string' || isExpression(key)) return keyOf(model, key)
    return keyOf(model, 'column' in key ? key.column : key.expression, key)
  })
  const nulls = nullsNotDistinct === true ? ' nulls not distinct' : ''
  return (
    `on ${qualified(model.schema, model.table)} using ${using} (${keys.join(', ')})` +
    `${including(model, include)}${nulls}${storing(parameters)}${only(model, where)}`
  )
}

function keyOf(model: Model, subject: string | Expression<unknown>, order: KeyOrder = {}): string {
  const what =
    typeof subject === 'string'
      ? quoted(columnName(model, subject))
      : `(${textOf(subject, nameMapOf(model))})`
  return [
    what,
    order.collate && `collate ${quoted(order.collate)}`,
    order.opclass,
    order.order,
    order.nulls && `nulls ${order.nulls}`,
  ]
    .filter((word) => word !== undefined)
    .join(' ')
}

function foreignKeyDefinition(model: Model, key: ForeignKey, find: FindModel): string {
  const { on, references, onDelete = 'no action', onUpdate = 'no action', match } = key
  const target = find(references)
  const own = columnNames(model, on)
  const foreign = columnNames(target, key.columns ?? target.primaryKey)
  if (own.length === 0 || own.length !== foreign.length) {
    throw new UsageError(
      'MODEL_RELATION',
      `${own.length} columns of model ${model.name} refer to ${foreign.length} of ${references}: name as many on both sides`,
    )
  }
  return [
    `foreign key ${quotedList(own)} references ${qualified(target.schema, target.table)} ${quotedList(foreign)}`,
    match === 'full' ? ' match full' : '',
    onUpdate === 'no action' ? '' : ` on update ${onUpdate}`,
    onDelete === 'no action' ? '' : ` on delete ${onDelete}`,
    deferring(key.deferrable),
  ].join('')
}

function referenceOf({ target, own, foreign, constraint }: Relation): ForeignKey | undefined {
  if (constraint === undefined) return undefined
  const columns = foreign.length > 0 ? { columns: foreign } : {}
  return { on: own, references: target, ...columns, ...constraint }
}

function including(model: Model, include: Index['include']): string {
  return include === undefined ? '' : ` include ${quotedList(columnNames(model, include))}`
}

function only(model: Model, where: Expression<unknown> | undefined): string {
  return where === undefined ? '' : ` where (${textOf(where, nameMapOf(model))})`
}

function storing(parameters: Index['with']): string {
  if (parameters === undefined) return ''
  const list = Object.entries(parameters).map(([name, value]) => `${name} = ${literal(value)}`)
  return ` with (${list.join(', ')})`
}

function deferring(deferrable: Deferrable | undefined): string {
  if (deferrable === undefined || deferrable === false) return ''
  return deferrable === true ? ' deferrable' : ' deferrable initially deferred'
}

function part(
  name: string,
  definition: string,
  { comment, notValid = false }: Named & { readonly notValid?: boolean } = {},
): TablePart {
  const rest = notValid ? ' not valid' : ''
  return { name, definition: `${definition}${rest}`, comment, notValid }
}
