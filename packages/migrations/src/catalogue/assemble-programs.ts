import { assembleIndexes } from './assemble-indexes.ts'
import type { Catalogue } from './catalogue.ts'
import type { TriggerRow } from './part-queries.ts'
import { commentOf, type Parts } from './parts.ts'
import type { Routine, View } from './program-object.ts'
import { qualifiedName } from './quote.ts'
import type { RoutineRow } from './schema-queries.ts'
import { byName, bySchemaAndName, compare } from './sorting.ts'
import type { Trigger } from './trigger.ts'

const ENABLED = { O: 'origin', D: 'disabled', R: 'replica', A: 'always' } as const
const ROUTINE = { f: 'function', p: 'procedure', w: 'window', a: 'aggregate' } as const

/** The views and routines of a catalogue. */
export function assemblePrograms(parts: Parts): Pick<Catalogue, 'views' | 'routines'> {
  const { rows, graph, keep } = parts
  return {
    views: assembleViews(parts),
    routines: rows.routines
      .filter(({ oid }) => graph.idOf(`f${oid}`) !== undefined)
      .filter(({ schema, name }) => keep({ kind: 'routine', schema, name }))
      .map(routine)
      .sort((a, b) => bySchemaAndName(a, b) || compare(a.signature, b.signature)),
  }
}

function assembleViews({ rows, graph, keep }: Parts): View[] {
  const columns = Map.groupBy(rows.columns, ({ relation }) => relation)
  const indexes = Map.groupBy(rows.indexes, ({ relation }) => relation)
  const triggers = Map.groupBy(rows.triggers, ({ relation }) => relation)
  return rows.relations
    .filter(({ kind }) => kind === 'v' || kind === 'm')
    .filter(({ oid }) => graph.idOf(`c${oid}`) !== undefined)
    .filter(({ schema, name }) => keep({ kind: 'view', schema, name }))
    .map(
      ({ oid, schema, name, kind, query, options, populated, grants, comment }): View => ({
        schema,
        name,
        materialized: kind === 'm',
        query: (query ?? '').replace(/;\s*$/, '').trim(),
        columns: (columns.get(oid) ?? []).map((column) => ({
          name: column.name,
          type: column.type,
          ...commentOf(column.comment),
        })),
        options: [...options].sort(compare),
        populated,
        indexes: assembleIndexes(indexes.get(oid) ?? []),
        triggers: (triggers.get(oid) ?? []).map(assembleTrigger).sort(byName),
        ...(grants !== null && { grants }),
        ...commentOf(comment),
      }),
    )
    .sort(bySchemaAndName)
}

/** A trigger as its catalogue shows it. */
export function assembleTrigger({ name, definition, enabled, comment }: TriggerRow): Trigger {
  return { name, definition, enabled: ENABLED[enabled], ...commentOf(comment) }
}

function routine(row: RoutineRow): Routine {
  const { schema, name, kind, signature, result, language, comment } = row
  return {
    schema,
    name,
    type: ROUTINE[kind],
    signature,
    arguments: row.arguments,
    result,
    language,
    definition: row.definition?.trimEnd() ?? aggregateDefinition(row),
    ...(row.grants !== null && { grants: row.grants }),
    ...commentOf(comment),
  }
}

function aggregateDefinition(row: RoutineRow): string {
  const name = qualifiedName(row.schema, row.name)
  return `CREATE OR REPLACE AGGREGATE ${name}(${row.arguments || '*'}) (${(row.aggregate ?? []).join(', ')})`
}
