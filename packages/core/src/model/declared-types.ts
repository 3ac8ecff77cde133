import { UsageError } from '../errors/usage-error.ts'
import type { DeclaredType } from './column.ts'
import type { Model } from './model.ts'
import { literal, textOf } from './sql-text.ts'
import {
  columnUniques,
  exclusionName,
  indexName,
  primaryKeyName,
  uniqueName,
} from './table-names.ts'

/** The schema of what names none, unless the search path says otherwise. */
const USUAL_SCHEMA = 'public'

/** The schemas that models and their types name, besides the one that is always there. */
export function schemasOf(models: readonly Model[]): string[] {
  const named = [
    ...typesOf(models).flatMap(({ name }) => partsOf(name).schema ?? []),
    ...models.flatMap(({ schema }) => schema ?? []),
  ]
  return [...new Set(named)].filter((schema) => schema !== USUAL_SCHEMA)
}

/**
 * What makes the types that columns are of, enums first since a domain may stand on one.
 *
 * @throws {UsageError} `MODEL_TYPE_CONFLICT` if one name is declared in two ways
 */
export function declaredTypesOf(models: readonly Model[]): string[] {
  const statements = new Map<string, string>()
  for (const type of typesOf(models)) {
    const statement = createType(type)
    const known = statements.get(type.name)
    if (known !== undefined && known !== statement) throw declaredTwice(type)
    statements.set(type.name, statement)
  }
  return [...statements.values()].sort(
    (one, other) => Number(isDomain(one)) - Number(isDomain(other)),
  )
}

/**
 * Refuses two things of one schema with one name.
 *
 * @throws {UsageError} `MODEL_NAME_TAKEN`
 */
export function assertApartIn(models: readonly Model[]): void {
  const owners = new Map<string, string>()
  for (const model of models) {
    const schema = model.schema ?? USUAL_SCHEMA
    for (const name of relationNames(model)) {
      const key = JSON.stringify([schema, name])
      const owner = owners.get(key)
      if (owner !== undefined) throw takenBy(owner, model, name)
      owners.set(key, model.name)
    }
  }
  for (const type of typesOf(models)) {
    const { schema = USUAL_SCHEMA, name } = partsOf(type.name)
    const owner = owners.get(JSON.stringify([schema, name]))
    if (owner !== undefined) throw typeTaken(type, owner)
  }
}

function typesOf(models: readonly Model[]): DeclaredType[] {
  return models.flatMap(({ columns }) =>
    Object.values(columns).flatMap(({ definition }) => definition.declares ?? []),
  )
}

/** The schema and the name of a type, as the catalogue has them: PostgreSQL reads what is not quoted in lower case. */
function partsOf(written: string): { schema: string | undefined; name: string } {
  const words = written.match(/"(?:[^"]|"")+"|[^".]+/g) ?? [written]
  const [name = written, schema] = words.map(unquoted).reverse()
  return { schema, name }
}

function unquoted(word: string): string {
  return word.startsWith('"') ? word.slice(1, -1).replaceAll('""', '"') : word.toLowerCase()
}

function createType(type: DeclaredType): string {
  const { name } = type
  if (type.kind === 'enum')
    return `create type ${name} as enum (${type.values.map(literal).join(', ')})`
  const check = type.check === undefined ? '' : ` check (${textOf(type.check)})`
  return `create domain ${name} as ${type.base}${check}`
}

function isDomain(statement: string): boolean {
  return statement.startsWith('create domain')
}

/** What shares one space of names in a schema: tables and indexes, those behind constraints included. */
function relationNames(model: Model): string[] {
  return [
    model.table,
    ...(model.primaryKey.length > 0 ? [primaryKeyName(model)] : []),
    ...[...columnUniques(model), ...model.uniques].map((one) => uniqueName(model, one)),
    ...model.exclusions.map((one) => exclusionName(model, one)),
    ...model.indexes.map((one) => indexName(model, one)),
  ]
}

function declaredTwice({ name }: DeclaredType): UsageError {
  return new UsageError(
    'MODEL_TYPE_CONFLICT',
    `type ${name} is declared in two ways: declare it once and use that for all columns`,
  )
}

function takenBy(owner: string, { name: model }: Model, name: string): UsageError {
  return new UsageError(
    'MODEL_NAME_TAKEN',
    `models ${owner} and ${model} both make a table or an index ${name} in one schema: name one of them differently`,
  )
}

function typeTaken({ name }: DeclaredType, model: string): UsageError {
  return new UsageError(
    'MODEL_NAME_TAKEN',
    `type ${name} has the name of a table or an index of model ${model}: name one of them differently`,
  )
}
