import { qualifiedName, quoteName } from '../catalogue/quote.ts'
import type { Comparison } from './compare.ts'
import { make } from './crafts.ts'
import type { Entity, Part, Site } from './entity.ts'
import { type Operation, operation } from './operation.ts'
import { truncatedName } from './usual-name.ts'

type Type = Part<'enum' | 'domain' | 'composite' | 'range'>
const NEW: Site = { online: false, isNew: () => true }

/** Whether an entity is a type. */
export function isType(entity: Entity | undefined): entity is Type {
  return entity?.object.kind === 'type'
}

/**
 * Puts types in the place of others, with the columns that hold them: the old ones step aside under another name, the values go over as
 * texts, the old ones are dropped. Whatever else uses them must be out of the way.
 *
 * @param ids the types, each after those that it is made of
 */
export function replaceTypes(comparison: Comparison, ids: readonly string[]): Operation {
  const { before, after } = comparison
  const [old, next] = [before, after].map((entities) =>
    ids.map((id) => entities.get(id)).filter(isType),
  )
  const columns = convertedColumns(comparison, new Set(ids))
  const statements = {
    sql: replacement(old ?? [], next ?? [], columns, after),
    down: replacement(next ?? [], old ?? [], columns, before),
  }
  const [first] = (next ?? []).filter(({ id }) => comparison.fates.get(id) === 'replace')
  const object = first?.object ?? { kind: 'type', schema: '', name: '' }
  return operation('replaceType', object, statements, {
    lock: columns.length === 0 ? null : 'ACCESS EXCLUSIVE',
    rewrite: columns.length > 0,
    destructive: old?.some((type, at) => losesValues(type, next?.[at])) ?? false,
  })
}

function losesValues(old: Type, next: Type | undefined): boolean {
  if (old.part !== 'enum' || next?.part !== 'enum')
    return JSON.stringify(old) !== JSON.stringify(next)
  return old.value.values.some((label) => !next.value.values.includes(label))
}

/** The columns that go over to the new types. */
export function convertedColumns(
  { before, after, fates }: Comparison,
  ids: ReadonlySet<string>,
): Part<'column'>[] {
  const uses = (entity: Entity | undefined) => entity?.needs.some((need) => ids.has(need)) ?? false
  return [...before.values()].filter((entity): entity is Part<'column'> => {
    if (entity.part !== 'column' || entity.value.inherited || entity.value.generated) return false
    const fate = fates.get(entity.id)
    return fate !== 'remake' && fate !== 'drop' && uses(entity) && uses(after.get(entity.id))
  })
}

function replacement(
  old: readonly Type[],
  next: readonly Type[],
  columns: readonly Part<'column'>[],
  entities: ReadonlyMap<string, Entity>,
): string[] {
  return [
    ...old.flatMap(stepAside),
    ...next.flatMap((type) => make(type, NEW, checksOf(type, entities)).sql),
    ...columns.map(convert),
    ...old.map((type) => `drop ${kindOf(type)} ${asideName(type)}`).reverse(),
  ]
}

function checksOf(type: Type, entities: ReadonlyMap<string, Entity>): Entity[] {
  return [...entities.values()].filter(({ owner }) => owner === type.id)
}

function kindOf({ part }: Type): string {
  return part === 'domain' ? 'domain' : 'type'
}

function aside(name: string): string {
  return truncatedName(`former_${name}`)
}

function asideName({ value }: Type): string {
  return qualifiedName(value.schema, aside(value.name))
}

function stepAside(type: Type): string[] {
  const { schema, name } = type.value
  const rename = (what: string, from: string) =>
    `alter ${what} ${qualifiedName(schema, from)} rename to ${quoteName(aside(from))}`
  if (type.part !== 'range') return [rename(kindOf(type), name)]
  // The constructors of a range type keep their names, and would be in the way of the new ones.
  const { multirange, subtype } = type.value
  return [
    rename('type', name),
    rename('type', multirange),
    constructorAside(schema, name, `${subtype}, ${subtype}`),
    constructorAside(schema, name, `${subtype}, ${subtype}, text`),
    constructorAside(schema, multirange, ''),
  ]
}

function constructorAside(schema: string, name: string, signature: string): string {
  return `alter function ${qualifiedName(schema, name)}(${signature}) rename to ${quoteName(aside(name))}`
}

function convert({ whole, value }: Part<'column'>): string {
  const name = quoteName(value.name)
  const text = value.type.endsWith('[]') ? 'text[]' : 'text'
  const collation = value.collation === undefined ? '' : ` collate ${value.collation}`
  return (
    `alter table ${qualifiedName(whole.schema, whole.name)} alter column ${name} type ${value.type}${collation} ` +
    `using ${name}::${text}::${value.type}`
  )
}
