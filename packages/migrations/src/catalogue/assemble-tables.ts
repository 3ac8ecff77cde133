import { assembleConstraint } from './assemble-constraint.ts'
import { assembleIndexes } from './assemble-indexes.ts'
import { assembleTrigger } from './assemble-programs.ts'
import { objectId } from './object-id.ts'
import type { PolicyRow } from './part-queries.ts'
import { commentOf, type Parts, sequenceOptions } from './parts.ts'
import type { ColumnRow, RelationRow, SequenceRow } from './relation-queries.ts'
import { byName, bySchemaAndName, compare } from './sorting.ts'
import type { Column, Policy, Table } from './table.ts'

const REPLICA_IDENTITY = { d: 'default', n: 'nothing', f: 'full' } as const
const STORAGE = { p: 'plain', e: 'external', x: 'extended', m: 'main' } as const
const COMPRESSION: Readonly<Record<string, string>> = { p: 'pglz', l: 'lz4' }
const COMMAND = { '*': 'all', r: 'select', a: 'insert', w: 'update', d: 'delete' } as const

/** The tables of a catalogue, with their parts. */
export function assembleTables(parts: Parts): Table[] {
  const { rows, graph, keep } = parts
  const ofRelation = {
    columns: Map.groupBy(rows.columns, ({ relation }) => relation),
    constraints: Map.groupBy(rows.constraints, ({ relation }) => relation),
    indexes: Map.groupBy(rows.indexes, ({ relation }) => relation),
    triggers: Map.groupBy(rows.triggers, ({ relation }) => relation),
    policies: Map.groupBy(rows.policies, ({ relation }) => relation),
  }
  const makeColumn = columnMaker(parts)
  return rows.relations
    .filter(({ kind }) => kind === 'r' || kind === 'p')
    .filter(({ oid }) => graph.idOf(`c${oid}`) !== undefined)
    .filter(({ schema, name }) => keep({ kind: 'table', schema, name }))
    .sort(bySchemaAndName)
    .map((row): Table => {
      const { oid, schema, name } = row
      const kept =
        (kind: 'index' | 'trigger' | 'constraint' | 'policy') => (part: { name: string }) =>
          keep({ kind, schema, name: part.name, of: name })
      return {
        schema,
        name,
        ...tableProperties(row),
        columns: (ofRelation.columns.get(oid) ?? []).map(makeColumn),
        constraints: (ofRelation.constraints.get(oid) ?? [])
          .filter(kept('constraint'))
          .map(assembleConstraint)
          .sort(byName),
        indexes: assembleIndexes((ofRelation.indexes.get(oid) ?? []).filter(kept('index'))),
        triggers: (ofRelation.triggers.get(oid) ?? [])
          .filter(({ oid: trigger }) => graph.idOf(`g${trigger}`) !== undefined)
          .filter(kept('trigger'))
          .map(assembleTrigger)
          .sort(byName),
        policies: (ofRelation.policies.get(oid) ?? [])
          .filter(kept('policy'))
          .map(policy)
          .sort(byName),
      }
    })
}

function tableProperties(row: RelationRow) {
  const { replicaIdentity, replicaIndex, bound } = row
  const [parent] = row.parents
  return {
    unlogged: row.persistence === 'u',
    ...(row.partitionKey !== null && { partitionKey: row.partitionKey }),
    ...(bound !== null && parent && { partitionOf: { ...parent, bound } }),
    inherits: bound === null ? row.parents : [],
    options: [...row.options].sort(compare),
    ...(row.accessMethod !== null && { accessMethod: row.accessMethod }),
    rowSecurity: row.rowSecurity,
    forceRowSecurity: row.forceRowSecurity,
    replicaIdentity:
      replicaIdentity === 'i'
        ? ({ index: replicaIndex ?? '' } as const)
        : REPLICA_IDENTITY[replicaIdentity],
    ...commentOf(row.comment),
  } as const
}

function columnMaker({ rows, graph }: Parts): (row: ColumnRow) => Column {
  const sequences = new Map<string, SequenceRow>()
  for (const sequence of rows.sequences) {
    if (!graph.columnSequences.has(sequence.oid)) continue
    sequences.set(objectId('column', sequence.table ?? '', String(sequence.column)), sequence)
  }
  const notNulls = new Map(
    rows.notNulls.map(({ relation, column, name }) => [`${relation}.${column}`, name]),
  )
  return (row) => {
    const sequence = sequences.get(objectId('column', row.relation, String(row.number)))
    const notNullName = notNulls.get(`${row.relation}.${row.number}`)
    return {
      name: row.name,
      type: row.type,
      notNull: row.notNull,
      ...(row.notNull && notNullName !== undefined && { notNullName }),
      ...sourceOfValue(row, sequence),
      ...(row.collation !== null && { collation: row.collation }),
      ...(row.storage !== null && {
        storage: STORAGE[row.storage],
        usualStorage: STORAGE[row.usualStorage],
      }),
      ...(COMPRESSION[row.compression] && { compression: COMPRESSION[row.compression] }),
      inherited: row.inherited,
      ...commentOf(row.comment),
    }
  }
}

/** Where the value of a column comes from if none is given. */
function sourceOfValue(
  { identity, generated, expression }: ColumnRow,
  sequence: SequenceRow | undefined,
): Pick<Column, 'default' | 'identity' | 'serial' | 'generated'> {
  if (generated !== '' && expression !== null) {
    return { generated: { expression, stored: generated === 's' } }
  }
  if (sequence) {
    const { schema, name } = sequence
    const counter = { schema, name, options: sequenceOptions(sequence) }
    return identity === ''
      ? { serial: counter }
      : { identity: { ...counter, always: identity === 'a' } }
  }
  return expression === null ? {} : { default: expression }
}

function policy(row: PolicyRow): Policy {
  return {
    name: row.name,
    command: COMMAND[row.command],
    permissive: row.permissive,
    roles: [...row.roles].sort(compare),
    ...(row.using !== null && { using: row.using }),
    ...(row.check !== null && { check: row.check }),
    ...commentOf(row.comment),
  }
}
