import { qualifiedName, quoteName } from '../catalogue/quote.ts'
import type { Attribute, RangeType } from '../catalogue/type.ts'
import type { Craft } from './craft.ts'
import { operation } from './operation.ts'

/** Composite types. Attributes are added and dropped at the end; any other change replaces the type. */
export const composites: Craft<'composite'> = {
  state: ({ value }) => value.attributes,
  make: ({ object, value }) => {
    const name = qualifiedName(value.schema, value.name)
    return operation('createType', object, {
      sql: [`create type ${name} as (${value.attributes.map(attributeClause).join(', ')})`],
      down: [`drop type ${name}`],
    })
  },
  change: (before, after) => {
    const [from, to] = [before.value.attributes, after.value.attributes]
    const shared = Math.min(from.length, to.length)
    if (JSON.stringify(from.slice(0, shared)) !== JSON.stringify(to.slice(0, shared))) {
      return 'replace'
    }
    const head = `alter type ${qualifiedName(after.value.schema, after.value.name)}`
    const add = (attributes: readonly Attribute[]) =>
      `${head} ${attributes.map((each) => `add attribute ${attributeClause(each)}`).join(', ')}`
    const drop = (attributes: readonly Attribute[]) =>
      `${head} ${attributes.map(({ name }) => `drop attribute ${quoteName(name)}`).join(', ')}`
    const grows = to.length > from.length
    const [shorter, longer] = grows ? [from, to] : [to, from]
    const added = longer.slice(shorter.length)
    const statements = grows
      ? { sql: [add(added)], down: [drop(added)] }
      : { sql: [drop(added)], down: [add(added)] }
    return [operation('alterType', after.object, statements, { destructive: !grows })]
  },
  subject: ({ value }) => `type ${qualifiedName(value.schema, value.name)}`,
}

function attributeClause({ name, type, collation }: Attribute): string {
  const clause = `${quoteName(name)} ${type}`
  return collation === undefined ? clause : `${clause} collate ${collation}`
}

/** Range types. */
export const ranges: Craft<'range'> = {
  state: ({ value: { schema: _, name: __, comment: ___, ...state } }) => state,
  make: ({ object, value }) => {
    const name = qualifiedName(value.schema, value.name)
    return operation('createType', object, {
      sql: [`create type ${name} as range (${rangeClauses(value).join(', ')})`],
      down: [`drop type ${name}`],
    })
  },
  change: () => 'replace',
  subject: ({ value }) => `type ${qualifiedName(value.schema, value.name)}`,
}

function rangeClauses(range: RangeType): string[] {
  const { subtype, operatorClass, collation, canonical, subtypeDiff } = range
  return [
    `subtype = ${subtype}`,
    ...(operatorClass === undefined ? [] : [`subtype_opclass = ${operatorClass}`]),
    ...(collation === undefined ? [] : [`collation = ${collation}`]),
    ...(canonical === undefined ? [] : [`canonical = ${canonical}`]),
    ...(subtypeDiff === undefined ? [] : [`subtype_diff = ${subtypeDiff}`]),
    `multirange_type_name = ${qualifiedName(range.schema, range.multirange)}`,
  ]
}
