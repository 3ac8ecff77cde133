import type { Catalogue } from '../catalogue/catalogue.ts'
import type { ObjectKind } from '../catalogue/object-id.ts'
import { qualifiedName, quoteName, quoteText } from '../catalogue/quote.ts'
import { sameState } from './crafts.ts'
import type { Entity } from './entity.ts'
import { flatten } from './flatten.ts'
import { type Operation, operation } from './operation.ts'
import type { Renamed } from './rename-places.ts'
import { renamedCatalogue, renamedId } from './renamed-catalogue.ts'

/** Renames as the first operations of a plan, and what they leave for the rest of it. */
export interface RenameSteps {
  /** In the order in which they run. */
  readonly operations: readonly Operation[]
  /** The objects under their new names. */
  readonly before: ReadonlyMap<string, Entity>
  /** The objects as they are until then, under their new ids. */
  readonly originals: ReadonlyMap<string, Entity>
  /** Ids of those whose text the server changes in a way that cannot be foreseen: they have to be gone by then. */
  readonly remade: ReadonlySet<string>
}

const OPAQUE: readonly Entity['part'][] = ['view', 'routine', 'policy', 'trigger']

/** Plans renames, each of which goes by the names that those before it have made. */
export function renameSteps(
  catalogue: Catalogue,
  renames: readonly Renamed[],
  after: ReadonlyMap<string, Entity>,
): RenameSteps {
  const renamed = renames.reduce(renamedCatalogue, catalogue)
  const newId = (id: string) => renames.reduce(renamedId, id)
  const originals = new Map([...flatten(catalogue)].map(([id, entity]) => [newId(id), entity]))
  const before = flatten(renamed)
  const touched = (entity: Entity) => {
    const original = originals.get(entity.id)
    return original !== undefined && !sameState(original, entity)
  }
  const remade = [...before.values()].filter((entity) => {
    const target = after.get(entity.id)
    if (!OPAQUE.includes(entity.part) || !target || sameState(entity, target)) return false
    return touched(entity) || namesRenamed(originals.get(entity.id), renames)
  })
  return {
    operations: renames.map(renameOperation),
    before,
    originals,
    remade: new Set(remade.map(({ id }) => id)),
  }
}

/** Whether an object needs one that gets another name. */
function namesRenamed(original: Entity | undefined, renames: readonly Renamed[]): boolean {
  return (
    original?.needs.some((need) => renames.some((each) => renamedId(need, each) !== need)) ?? false
  )
}

function renameOperation({ kind, names, to }: Renamed): Operation {
  const [schema = '', owner = ''] = names
  const from = names.at(-1) ?? ''
  const home = qualifiedName(schema, owner)
  const object = (objectKind: ObjectKind) => {
    const of = kind === 'column' || kind === 'constraint' ? { of: owner } : {}
    return { kind: objectKind, schema, name: to, ...of }
  }
  const both = (statement: (old: string, next: string) => string) => {
    return { sql: [statement(from, to)], down: [statement(to, from)] }
  }
  const strong = { lock: 'ACCESS EXCLUSIVE' } as const
  switch (kind) {
    case 'table': {
      const statements = both((old, next) => {
        return `alter table ${qualifiedName(schema, old)} rename to ${quoteName(next)}`
      })
      return operation('renameTable', object('table'), statements, strong)
    }
    case 'column': {
      const statements = both((old, next) => {
        return `alter table ${home} rename column ${quoteName(old)} to ${quoteName(next)}`
      })
      return operation('renameColumn', object('column'), statements, strong)
    }
    case 'constraint': {
      const statements = both((old, next) => {
        return `alter table ${home} rename constraint ${quoteName(old)} to ${quoteName(next)}`
      })
      return operation('renameConstraint', object('constraint'), statements, strong)
    }
    case 'index': {
      const statements = both((old, next) => {
        return `alter index ${qualifiedName(schema, old)} rename to ${quoteName(next)}`
      })
      return operation('renameIndex', object('index'), statements, {
        lock: 'SHARE UPDATE EXCLUSIVE',
      })
    }
    case 'enumValue': {
      const statements = both((old, next) => {
        return `alter type ${home} rename value ${quoteText(old)} to ${quoteText(next)}`
      })
      return operation('renameEnumValue', { kind: 'type', schema, name: owner }, statements)
    }
  }
}
