import type { Catalogue } from '../catalogue/catalogue.ts'
import { qualifiedName } from '../catalogue/quote.ts'
import type { Constraint, Index, Table } from '../catalogue/table.ts'
import { columnsOfIndex, isConventional, type NameParts } from './conventional-name.ts'
import type { Renamed } from './rename-places.ts'
import { withRenamedParts } from './renamed-parts.ts'

/**
 * The catalogue `after` with the names that `before` has for constraints and indexes which differ in nothing else, if on both sides the
 * name follows a convention: a table that had another name, or came from another tool, is no reason to rebuild its keys.
 *
 * @param renames of tables, whose old names may be in the names of their parts
 */
export function keepConventionalNames(
  before: Catalogue,
  after: Catalogue,
  renames: readonly Renamed[],
): Catalogue {
  const olds = new Map(
    before.tables.map((table) => [qualifiedName(table.schema, table.name), table]),
  )
  const pairs = after.tables.flatMap((next) => {
    const old = olds.get(qualifiedName(next.schema, next.name))
    if (!old) return []
    const former = renames.filter(({ kind, names, to }) => {
      return kind === 'table' && names[0] === next.schema && to === next.name
    })
    const tables = [next.name, ...former.flatMap(({ names }) => names.slice(-1))]
    return [
      ...kept('constraint', old, next, (constraint: Constraint) => partsOf(constraint, tables)),
      ...kept('index', old, next, (index: Index) => {
        return { kind: 'index', tables, columns: columnsOfIndex(index) }
      }),
    ]
  })
  return withRenamedParts(after, pairs)
}

function partsOf({ type, columns, references }: Constraint, tables: readonly string[]): NameParts {
  const foreignTable = references?.table
  return { kind: type, tables, columns, ...(foreignTable !== undefined && { foreignTable }) }
}

function kept<Part extends Constraint | Index>(
  kind: 'constraint' | 'index',
  old: Table,
  next: Table,
  parts: (part: Part) => NameParts,
): Renamed[] {
  const of = (table: Table) =>
    (kind === 'constraint' ? table.constraints : table.indexes) as unknown as readonly Part[]
  const names = (table: Table) => new Set(of(table).map(({ name }) => name))
  const [oldNames, nextNames] = [names(old), names(next)]
  const gone = of(old).filter(({ name }) => !nextNames.has(name))
  const taken = new Set<string>()
  return of(next)
    .filter(({ name }) => !oldNames.has(name))
    .flatMap((part): Renamed[] => {
      const same = gone.find((each) => !taken.has(each.name) && isAlike(each, part))
      if (!same || !isConventional(same.name, parts(same))) return []
      if (!isConventional(part.name, parts(part))) return []
      taken.add(same.name)
      const names = [next.schema, ...(kind === 'index' ? [] : [next.name]), part.name]
      return [{ kind, names, to: same.name, happened: false }]
    })
}

function isAlike(one: Constraint | Index, other: Constraint | Index): boolean {
  const unique = (part: Constraint | Index) => 'unique' in part && part.unique
  return one.definition === other.definition && unique(one) === unique(other)
}
