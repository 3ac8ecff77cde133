import type { Catalogue } from './catalogue.ts'
import type { ConstraintRow } from './part-queries.ts'
import { commentOf, type Parts } from './parts.ts'
import type { ColumnRow } from './relation-queries.ts'
import { byName, bySchemaAndName } from './sorting.ts'
import type { DomainCheck, RangeType } from './type.ts'

/** The types of a catalogue. */
export function assembleTypes({
  rows,
  graph,
  keep,
}: Parts): Pick<Catalogue, 'enums' | 'domains' | 'composites' | 'ranges'> {
  const types = rows.types
    .filter(({ oid }) => graph.idOf(`t${oid}`) !== undefined)
    .filter(({ schema, name }) => keep({ kind: 'type', schema, name }))
    .sort(bySchemaAndName)
  const head = ({ schema, name, comment }: (typeof types)[number]) => ({
    schema,
    name,
    ...commentOf(comment),
  })
  const checks = Map.groupBy(rows.constraints, ({ domain }) => domain)
  const columns = Map.groupBy(rows.columns, ({ relation }) => relation)
  return {
    enums: types
      .filter(({ kind }) => kind === 'e')
      .map((type) => ({ ...head(type), values: type.values ?? [] })),
    domains: types
      .filter(({ kind }) => kind === 'd')
      .map((type) => ({
        ...head(type),
        type: type.base ?? '',
        notNull: type.notNull,
        ...(type.default !== null && { default: type.default }),
        ...(type.collation !== null && { collation: type.collation }),
        checks: (checks.get(type.oid) ?? []).map(domainCheck).sort(byName),
      })),
    composites: types
      .filter(({ kind }) => kind === 'c')
      .map((type) => ({
        ...head(type),
        attributes: (columns.get(type.relation) ?? []).map(attribute),
      })),
    ranges: types.flatMap((type) => (type.range ? [{ ...head(type), ...range(type.range) }] : [])),
  }
}

function domainCheck({ name, definition, validated, comment }: ConstraintRow): DomainCheck {
  return { name, definition: withoutNotValid(definition), validated, ...commentOf(comment) }
}

/** The definition of a constraint, which ends in NOT VALID if old rows were not looked at. */
export function withoutNotValid(definition: string): string {
  return definition.replace(/ NOT VALID$/, '')
}

function attribute({ name, type, collation }: ColumnRow) {
  return { name, type, ...(collation !== null && { collation }) }
}

type RangeParts = Omit<RangeType, 'schema' | 'name' | 'comment'>

function range(row: NonNullable<Parts['rows']['types'][number]['range']>): RangeParts {
  const { subtype, multirange, operatorClass, collation, canonical, subtypeDiff } = row
  return {
    subtype,
    multirange,
    ...(operatorClass !== null && { operatorClass }),
    ...(collation !== null && { collation }),
    ...(canonical !== null && { canonical }),
    ...(subtypeDiff !== null && { subtypeDiff }),
  }
}
