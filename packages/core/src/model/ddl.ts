import { UsageError } from '../errors/usage-error.ts'
import type { Column, ColumnDefinition } from './column.ts'
import { constraintsOf, type FindModel, foreignKeysOf, indexesOf } from './constraint-sql.ts'
import { assertApartIn, declaredTypesOf, schemasOf } from './declared-types.ts'
import type { Model } from './model.ts'
import type { Models } from './registry.ts'
import { isExpression, literal, qualified, quoted, textOf } from './sql-text.ts'
import { columnName, nameMapOf } from './table-names.ts'

/**
 * What makes the tables of a set of models in an empty database: schemas, types, tables, indexes, then the foreign keys, which may run in a
 * circle, then comments. Plain statements without parameters, to be run one after the other.
 *
 * @throws {UsageError} `MODEL_UNKNOWN` if a model refers to one that is not among them, `MODEL_NAME_TAKEN` if two things of one schema share
 *   a name, `MODEL_TYPE_CONFLICT` if a type is declared in two ways, `MODEL_GENERATED`, `MODEL_RELATION`, `MODEL_COLUMN`, `DDL_VALUE`
 */
export function ddlOf(models: Models | readonly Model[]): string[] {
  const all = inOrder(Object.values(models) as readonly Model[])
  const find = finderIn(all)
  assertApartIn(all)
  return [
    ...schemasOf(all).map((schema) => `create schema if not exists ${quoted(schema)}`),
    ...declaredTypesOf(all),
    ...all.map(createTable),
    ...all.flatMap(createIndexes),
    ...all.flatMap((model) => addForeignKeys(model, find)),
    ...all.flatMap((model) => commentsOf(model, find)),
  ]
}

/** Whoever is referred to comes first, as far as references do not run in a circle; else as the models are given. */
function inOrder(models: readonly Model[]): Model[] {
  const ordered = new Set<Model>()
  const begun = new Set<Model>()
  const place = (model: Model) => {
    if (begun.has(model)) return
    begun.add(model)
    for (const name of referredBy(model)) {
      const target = models.find((one) => one.name === name)
      if (target !== undefined) place(target)
    }
    ordered.add(model)
  }
  for (const model of models) place(model)
  return [...ordered]
}

function referredBy({ relations, foreignKeys }: Model): string[] {
  const related = Object.values(relations).filter(({ constraint }) => constraint)
  return [...related.map(({ target }) => target), ...foreignKeys.map((key) => key.references)]
}

function finderIn(models: readonly Model[]): FindModel {
  const byName = new Map(models.map((model) => [model.name, model]))
  return (name) => {
    const model = byName.get(name)
    if (model !== undefined) return model
    throw new UsageError(
      'MODEL_UNKNOWN',
      `a model refers to ${name}, which is not among those given: add it to the list of models`,
    )
  }
}

function createTable(model: Model): string {
  const columns = Object.entries(model.columns).map(
    ([key, column]) => `${quoted(columnName(model, key))} ${columnSql(model, key, column)}`,
  )
  const constraints = constraintsOf(model)
    .filter(({ notValid }) => !notValid)
    .map(({ name, definition }) => `constraint ${quoted(name)} ${definition}`)
  return `create table ${tableOf(model)} (\n  ${[...columns, ...constraints].join(',\n  ')}\n)`
}

function createIndexes(model: Model): string[] {
  const late = constraintsOf(model).filter(({ notValid }) => notValid)
  return [
    ...late.map(
      ({ name, definition }) =>
        `alter table ${tableOf(model)} add constraint ${quoted(name)} ${definition}`,
    ),
    ...indexesOf(model).map(
      ({ name, definition, unique }) =>
        `create ${unique ? 'unique ' : ''}index ${quoted(name)} ${definition}`,
    ),
  ]
}

function addForeignKeys(model: Model, find: FindModel): string[] {
  return foreignKeysOf(model, find).map(
    ({ name, definition }) =>
      `alter table ${tableOf(model)} add constraint ${quoted(name)} ${definition}`,
  )
}

// biome-ignore lint/suspicious/noExplicitAny: see Columns
function columnSql(model: Model, key: string, { definition }: Column<any, any, any, any>): string {
  return [
    definition.type,
    ...valueSql(model, key, definition),
    ...(definition.nullable ? [] : ['not null']),
  ].join(' ')
}

/** Where a value comes from that an insert does not bring. */
function valueSql(model: Model, key: string, definition: ColumnDefinition): string[] {
  const { generated, identity, default: value } = definition
  if (generated !== undefined) {
    if (generated.as === undefined) throw notComputable(model, key)
    const as = textOf(generated.as, nameMapOf(model))
    return [`generated always as (${as}) ${generated.stored ? 'stored' : 'virtual'}`]
  }
  if (identity !== undefined) {
    const { always, start, increment } = identity
    const options = [
      ...(start === undefined ? [] : [`start with ${start}`]),
      ...(increment === undefined ? [] : [`increment by ${increment}`]),
    ]
    const list = options.length > 0 ? ` (${options.join(' ')})` : ''
    return [`generated ${always ? 'always' : 'by default'} as identity${list}`]
  }
  if (value === undefined) return []
  return [`default ${isExpression(value) ? `(${textOf(value)})` : literal(value)}`]
}

function notComputable({ name }: Model, key: string): UsageError {
  return new UsageError(
    'MODEL_GENERATED',
    `column ${key} of model ${name} is computed, and the model does not say from what: give generated() an expression`,
  )
}

function commentsOf(model: Model, find: FindModel): string[] {
  const table = tableOf(model)
  const columns = Object.entries(model.columns).map(([key, { definition }]) => ({
    on: `column ${table}.${quoted(columnName(model, key))}`,
    comment: definition.comment,
  }))
  const constraints = [...constraintsOf(model), ...foreignKeysOf(model, find)].map((one) => ({
    on: `constraint ${quoted(one.name)} on ${table}`,
    comment: one.comment,
  }))
  const indexes = indexesOf(model).map((one) => ({
    on: `index ${qualified(model.schema, one.name)}`,
    comment: one.comment,
  }))
  return [
    { on: `table ${table}`, comment: model.comment },
    ...columns,
    ...constraints,
    ...indexes,
  ].flatMap(({ on, comment }) =>
    comment === undefined ? [] : [`comment on ${on} is ${literal(comment)}`],
  )
}

function tableOf({ schema, table }: Model): string {
  return qualified(schema, table)
}
