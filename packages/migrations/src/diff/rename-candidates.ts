import type { Catalogue } from '../catalogue/catalogue.ts'
import { quoteName } from '../catalogue/quote.ts'
import type { Column, Table } from '../catalogue/table.ts'
import type { Rename } from './rename.ts'

/**
 * What looks as if it had got another name: something goes, and something very like it comes at the same place. Nobody but the user knows;
 * the ones that are meant go into `renames` of `diffCatalogues` as they are.
 *
 * @returns tables first, since an answer about a table may bring new questions about its columns: ask again with the renamed table
 *   in `renames`. The most alike come first
 */
export function renameCandidates(
  before: Catalogue,
  after: Catalogue,
): readonly (Rename & Required<Pick<Rename, 'kind'>>)[] {
  const pairs = after.tables.flatMap((next) => {
    const old = before.tables.find((each) => each.schema === next.schema && each.name === next.name)
    return old ? [{ old, next }] : []
  })
  return [
    ...tableCandidates(before, after),
    ...pairs.flatMap(({ old, next }) => columnCandidates(old, next)),
    ...pairs.flatMap(({ old, next }) => partCandidates(old, next)),
    ...labelCandidates(before, after),
  ]
}

type Candidate = Rename & Required<Pick<Rename, 'kind'>>

function tableCandidates(before: Catalogue, after: Catalogue): Candidate[] {
  const gone = without(before.tables, after.tables, tableName)
  const come = without(after.tables, before.tables, tableName)
  return gone
    .flatMap((old) =>
      come
        .filter(({ schema }) => schema === old.schema)
        .map((next) => ({ old, next, likeness: likeness(old, next) })),
    )
    .filter(({ likeness: share }) => share >= 0.5)
    .sort((a, b) => b.likeness - a.likeness)
    .map(({ old, next }) => {
      return { kind: 'table', from: path(old.schema, old.name), to: path(next.schema, next.name) }
    })
}

/** The share of columns of the same name and type. */
function likeness(a: Table, b: Table): number {
  const columns = new Set(b.columns.map(({ name, type }) => `${name} ${type}`))
  const shared = a.columns.filter(({ name, type }) => columns.has(`${name} ${type}`)).length
  return shared / Math.max(a.columns.length, b.columns.length, 1)
}

function columnCandidates(old: Table, next: Table): Candidate[] {
  const own = (table: Table) => table.columns.filter(({ inherited }) => !inherited)
  const gone = without(own(old), own(next), ({ name }) => name)
  const come = without(own(next), own(old), ({ name }) => name)
  const distance = (a: Column, b: Column) =>
    Math.abs(old.columns.indexOf(a) - next.columns.indexOf(b))
  return gone.flatMap((from) =>
    come
      .filter(({ type }) => type === from.type)
      .sort((a, b) => distance(from, a) - distance(from, b))
      .map((to) => candidate('column', old, from.name, to.name)),
  )
}

interface Part {
  readonly name: string
  readonly definition: string
  readonly unique?: boolean
}

function partCandidates(old: Table, next: Table): Candidate[] {
  const alike = (kind: 'constraint' | 'index', from: readonly Part[], to: readonly Part[]) =>
    without(from, to, ({ name }) => name).flatMap((gone) =>
      without(to, from, ({ name }) => name)
        .filter((come) => come.definition === gone.definition && come.unique === gone.unique)
        .map(({ name }) => candidate(kind, old, gone.name, name)),
    )
  return [
    ...alike('constraint', old.constraints, next.constraints),
    ...alike('index', old.indexes, next.indexes),
  ]
}

function candidate(kind: Candidate['kind'], table: Table, from: string, to: string): Candidate {
  return {
    kind,
    from: path(table.schema, table.name, from),
    to: path(table.schema, table.name, to),
  }
}

/** Labels at the same place of an enumeration that has as many as before. */
function labelCandidates(before: Catalogue, after: Catalogue): Candidate[] {
  return after.enums.flatMap(({ schema, name, values }) => {
    const old = before.enums.find((each) => each.schema === schema && each.name === name)
    if (old?.values.length !== values.length) return []
    return old.values.flatMap((from, at): Candidate[] => {
      const to = values[at] ?? ''
      if (values.includes(from) || old.values.includes(to)) return []
      return [{ kind: 'enumValue', from: path(schema, name, from), to: path(schema, name, to) }]
    })
  })
}

function without<Item>(
  items: readonly Item[],
  others: readonly Item[],
  key: (item: Item) => string,
): Item[] {
  const known = new Set(others.map(key))
  return items.filter((item) => !known.has(key(item)))
}

function tableName({ schema, name }: Table): string {
  return path(schema, name)
}

function path(...names: readonly string[]): string {
  return names.map(quoteName).join('.')
}
