import { assemblePrograms } from './assemble-programs.ts'
import { assembleTables } from './assemble-tables.ts'
import { assembleTypes } from './assemble-types.ts'
import type { Catalogue } from './catalogue.ts'
import type { ObjectGraph } from './dependencies.ts'
import { commentOf, type Parts, sequenceOptions } from './parts.ts'
import { byName, bySchemaAndName, compare } from './sorting.ts'

/** Puts the rows together: objects with their parts, in the order of their names. */
export function assemble(parts: Parts): Catalogue {
  const { serverVersion, rows, graph, keep } = parts
  const catalogue = {
    serverVersion,
    schemas: rows.schemas
      .filter(({ name }) => keep({ kind: 'schema', schema: name, name }))
      .map(({ name, comment }) => ({ name, ...commentOf(comment) }))
      .sort(byName),
    extensions: rows.extensions
      .filter(({ schema, name }) => keep({ kind: 'extension', schema, name }))
      .map(({ name, schema, version }) => ({ name, schema, version }))
      .sort(byName),
    ...assembleTypes(parts),
    sequences: freeSequences(parts),
    tables: assembleTables(parts),
    ...assemblePrograms(parts),
  }
  return { ...catalogue, dependencies: dependenciesOf(graph) }
}

function freeSequences({ rows, graph, keep }: Parts): Catalogue['sequences'] {
  const relations = new Map(rows.relations.map((relation) => [relation.oid, relation]))
  return rows.sequences
    .filter((sequence) => graph.idOf(`c${sequence.oid}`) !== undefined)
    .filter((sequence) => !graph.columnSequences.has(sequence.oid))
    .filter(({ schema, name }) => keep({ kind: 'sequence', schema, name }))
    .map((sequence) => {
      const { schema, name, unlogged, table, column, comment } = sequence
      const owner = table === null ? undefined : relations.get(table)
      const owned = rows.columns.find((each) => each.relation === table && each.number === column)
      const ownedBy = owner &&
        owned && { schema: owner.schema, table: owner.name, column: owned.name }
      const options = sequenceOptions(sequence)
      return { schema, name, options, unlogged, ...(ownedBy && { ownedBy }), ...commentOf(comment) }
    })
    .sort(bySchemaAndName)
}

function dependenciesOf({ needs }: ObjectGraph): Record<string, readonly string[]> {
  return Object.fromEntries([...needs].sort(([a], [b]) => compare(a, b)))
}
