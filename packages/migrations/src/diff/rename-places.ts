import type { Catalogue } from '../catalogue/catalogue.ts'
import type { Column } from '../catalogue/table.ts'

/** An object with a new name. */
export interface Renamed {
  readonly kind: 'table' | 'column' | 'enumValue' | 'constraint' | 'index'
  /** Schema, then the table or enum if there is one (under its new name), then the old name. */
  readonly names: readonly string[]
  readonly to: string
  /** The old name is gone and the new one there. */
  readonly happened: boolean
}

interface Question {
  /** The old name, after as many outer names as were given. */
  readonly path: readonly string[]
  readonly to: string
  readonly renames: readonly { readonly from: string; readonly to: string }[]
  readonly before: Catalogue
  readonly after: Catalogue
}

interface Place {
  readonly kind: Renamed['kind']
  /** Schema, then the table or enum if there is one. */
  readonly home: readonly string[]
  /** Outer names by which it may be called, from the innermost on back. */
  readonly calls: readonly (readonly string[])[]
  readonly old: readonly string[]
  readonly next: readonly string[]
}

/** Where an object could be renamed: places in which the new name is wanted, and the old one or already the new one is there. */
export function renamedPlaces(question: Question): Renamed[] {
  const { path, to } = question
  const from = path.at(-1) ?? ''
  return placesIn(question)
    .filter(({ calls }) => calls.some((call) => endsWith(call, path.slice(0, -1))))
    .filter(({ next }) => next.includes(to))
    .flatMap(({ kind, home, old }) => {
      if (old.includes(from) && !old.includes(to)) return [{ kind, home, happened: false }]
      return !old.includes(from) && old.includes(to) ? [{ kind, home, happened: true }] : []
    })
    .map(({ kind, home, happened }) => {
      const [schema = '', owner] = home
      const names = kind === 'index' || owner === undefined ? [schema, from] : [schema, owner, from]
      return { kind, names, to, happened }
    })
}

function endsWith(call: readonly string[], outer: readonly string[]): boolean {
  return outer.every((name, at) => call[call.length - outer.length + at] === name)
}

function placesIn({ before, after, renames }: Question): Place[] {
  const schemas = new Set([...before.tables, ...after.tables].map(({ schema }) => schema))
  const named = (items: readonly { readonly name: string }[]) => items.map(({ name }) => name)
  const tables = [...schemas].map((schema): Place => {
    const inSchema = (catalogue: Catalogue) =>
      named(catalogue.tables.filter((table) => table.schema === schema))
    const [home, calls] = [[schema], [[schema]]]
    return { kind: 'table', home, calls, old: inSchema(before), next: inSchema(after) }
  })
  const formerNames = new Map(renames.map(({ from, to }) => [lastName(to), lastName(from)]))
  const parts = after.tables.flatMap((next): Place[] => {
    const own = (name: string) =>
      before.tables.find((table) => table.schema === next.schema && table.name === name)
    const former = formerNames.get(next.name) ?? next.name
    const old = own(next.name) ?? own(former)
    if (!old) return []
    const { schema, name } = next
    const home = [schema, name]
    const calls = [home, [schema, former]]
    const short = [...calls, [schema]]
    const [columns, constraints] = [named(next.columns.filter(isOwn)), named(next.constraints)]
    return [
      { kind: 'column', home, calls, old: named(old.columns), next: columns },
      { kind: 'constraint', home, calls: short, old: named(old.constraints), next: constraints },
      { kind: 'index', home, calls: short, old: named(old.indexes), next: named(next.indexes) },
    ]
  })
  const enums = after.enums.flatMap(({ schema, name, values }): Place[] => {
    const old = before.enums.find((each) => each.schema === schema && each.name === name)
    if (!old) return []
    const home = [schema, name]
    return [{ kind: 'enumValue', home, calls: [home], old: old.values, next: values }]
  })
  return [...tables, ...parts, ...enums]
}

function isOwn({ inherited }: Column): boolean {
  return !inherited
}

function lastName(path: string): string {
  return path.split('.').at(-1)?.replaceAll('"', '') ?? ''
}
