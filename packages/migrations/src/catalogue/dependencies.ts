import type { DependencyRow } from './dependency-query.ts'
import { objectId, routineId } from './object-id.ts'
import { qualifiedName } from './quote.ts'
import type { SequenceRow } from './relation-queries.ts'
import type { Rows } from './rows.ts'

/** The objects of a database under their ids. */
export interface ObjectGraph {
  /** The id of an object by its letter and oid, as `c16384` or `k16390`; undefined for what an extension owns. */
  idOf(node: string): string | undefined
  /** What an object cannot be without: ids, in order. */
  readonly needs: ReadonlyMap<string, readonly string[]>
  /** The oids of sequences that are a part of their column. */
  readonly columnSequences: ReadonlySet<string>
}

/** Names both ends of the dependencies that the server knows, and adds that a foreign key needs its other table. */
export function readDependencies(rows: Rows, dependencies: readonly DependencyRow[]): ObjectGraph {
  const owned = extensionMembers(rows, dependencies)
  const columnSequences = countingForColumns(rows)
  const ids = nameAll(rows, columnSequences)
  for (const { from, to, type } of dependencies) {
    // The constructors of a range type are the type itself.
    const home = type === 'i' && from?.startsWith('f') ? ids.get(to) : undefined
    if (home !== undefined && !ids.has(from)) ids.set(from, home)
  }
  const resolve = (node: string | null): string | undefined => {
    if (node === null) return undefined
    const whole = node.replace(/\.0$/, '')
    return owned.get(whole) ?? ids.get(whole) ?? ids.get(whole.replace(/\.\d+$/, ''))
  }
  const needs = new Map<string, Set<string>>()
  for (const { from, to, type } of dependencies) {
    if (type === 'e') continue
    const source = resolve(from)
    const target = resolve(to)
    if (source === undefined || target === undefined || source === target) continue
    const found = needs.get(source)
    if (found) found.add(target)
    else needs.set(source, new Set([target]))
  }
  return {
    idOf: (node) => (owned.has(node) ? undefined : ids.get(node)),
    needs: new Map([...needs].map(([id, found]) => [id, [...found].sort()])),
    columnSequences,
  }
}

/** What belongs to an extension, under the extension's id. */
function extensionMembers(rows: Rows, dependencies: readonly DependencyRow[]): Map<string, string> {
  const extensions = new Map(rows.extensions.map(({ oid, name }) => [`e${oid}`, name]))
  const owned = new Map<string, string>()
  for (const { from, to, type } of dependencies) {
    if (type !== 'e' || from === null || to === null) continue
    owned.set(from.replace(/\.0$/, ''), objectId('extension', extensions.get(to) ?? to))
  }
  for (const { oid, array, range, relation } of rows.types) {
    const extension = owned.get(`t${oid}`)
    if (extension === undefined) continue
    owned.set(`t${array}`, extension)
    if (relation !== '0') owned.set(`c${relation}`, extension)
    if (range) owned.set(`t${range.multirangeOid}`, extension)
  }
  return owned
}

function nameAll(rows: Rows, counting: ReadonlySet<string>): Map<string, string> {
  const ids = new Map<string, string>()
  for (const { oid, name } of rows.extensions) ids.set(`e${oid}`, objectId('extension', name))
  for (const { oid, array, range, relation, schema, name } of rows.types) {
    const id = objectId('type', schema, name)
    ids.set(`t${oid}`, id).set(`t${array}`, id)
    if (relation !== '0') ids.set(`c${relation}`, id)
    if (range) ids.set(`t${range.multirangeOid}`, id)
  }
  const relations = new Map(rows.relations.map((relation) => [relation.oid, relation]))
  for (const { oid, rowType, kind, schema, name } of rows.relations) {
    if (kind === 'c') continue
    const id = objectId(kind === 'r' || kind === 'p' ? 'table' : 'view', schema, name)
    ids.set(`c${oid}`, id).set(`t${rowType}`, id)
  }
  for (const { relation, number, name, generated } of rows.columns) {
    const table = relations.get(relation)
    if (!table || (table.kind !== 'r' && table.kind !== 'p')) continue
    const column = objectId('column', table.schema, table.name, name)
    ids.set(`c${relation}.${number}`, column)
    const expression =
      generated === '' ? objectId('default', table.schema, table.name, name) : column
    ids.set(`d${relation}.${number}`, expression)
  }
  for (const sequence of rows.sequences)
    ids.set(`c${sequence.oid}`, sequenceId(sequence, ids, counting))
  nameParts(rows, relations, ids)
  for (const { oid, schema, name, signature } of rows.routines) {
    ids.set(`f${oid}`, routineId(schema, name, signature))
  }
  return ids
}

/** A sequence that counts for its column is a part of it. */
function sequenceId(
  sequence: SequenceRow,
  ids: ReadonlyMap<string, string>,
  counting: ReadonlySet<string>,
): string {
  const column = ids.get(`c${sequence.table}.${sequence.column}`)
  if (column !== undefined && counting.has(sequence.oid)) return column
  return objectId('sequence', sequence.schema, sequence.name)
}

/** The oids of the sequences of identity columns, and of those that the default of their own column counts with. */
function countingForColumns({ sequences, columns }: Rows): Set<string> {
  const expressions = new Map(
    columns.map(({ relation, number, expression }) => [`${relation}.${number}`, expression]),
  )
  const counting = sequences.filter(({ schema, name, table, column, internal }) => {
    if (internal === true || table === null) return internal === true
    const sequence = qualifiedName(schema, name).replaceAll("'", "''")
    return expressions.get(`${table}.${column}`) === `nextval('${sequence}'::regclass)`
  })
  return new Set(counting.map(({ oid }) => oid))
}

function nameParts(
  rows: Rows,
  relations: ReadonlyMap<string, { readonly schema: string; readonly name: string }>,
  ids: Map<string, string>,
): void {
  const types = new Map(rows.types.map((type) => [type.oid, type]))
  for (const { oid, relation, domain, index, name, type } of rows.constraints) {
    const owner = relations.get(relation) ?? types.get(domain)
    if (!owner) continue
    const id = objectId('constraint', owner.schema, owner.name, name)
    ids.set(`k${oid}`, id)
    if (index !== '0' && type !== 'f') ids.set(`c${index}`, id)
  }
  for (const { oid, relation, name } of rows.indexes) {
    const owner = relations.get(relation)
    if (owner) ids.set(`c${oid}`, objectId('index', owner.schema, name))
  }
  for (const { oid, relation, name } of rows.triggers) {
    const owner = relations.get(relation)
    if (owner) ids.set(`g${oid}`, objectId('trigger', owner.schema, owner.name, name))
  }
  for (const { oid, relation, name } of rows.policies) {
    const owner = relations.get(relation)
    if (owner) ids.set(`p${oid}`, objectId('policy', owner.schema, owner.name, name))
  }
}
