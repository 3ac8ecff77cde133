import fc from 'fast-check'
import * as c from '../src/columns.ts'
import { belongsTo, defineModel, hasMany, hasOne, type Model, manyToMany } from '../src/models.ts'

/** A row as it is written, by column. */
export type Written = Record<string, unknown>

/** Models that were made up, and rows of theirs. */
export interface Graph {
  readonly models: Record<string, Model>
  readonly ddl: string
  readonly rows: Record<string, Written[]>
}

/** Draws a value. */
export type Draw = <T>(arbitrary: fc.Arbitrary<T>) => T

interface Table {
  readonly name: string
  /** Columns of its primary key. */
  readonly key: readonly string[]
}

const KEY_TYPES: Record<string, () => c_Column> = { id: c.integer, hall: c.text, place: c.bigint }
type c_Column =
  | ReturnType<typeof c.integer>
  | ReturnType<typeof c.text>
  | ReturnType<typeof c.bigint>

const instants = fc.constantFrom(
  'infinity',
  '2026-01-01 10:00:00.123456+02',
  '0044-03-15 12:00:00+00 BC',
  '1999-12-31T23:59:59.9Z',
)

const values: Record<string, fc.Arbitrary<unknown>> = {
  words: fc.string({ unit: 'grapheme', maxLength: 8 }).filter((text) => !text.includes('\0')),
  token: fc.uuid(),
  flag: fc.boolean(),
  whole: fc.integer({ min: -3, max: 3 }),
  large: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
  digits: fc.constantFrom('NaN', '0.10', '-12345678901234567890.000000001', '1e30'),
  at: instants,
  document: fc
    .jsonValue({ maxDepth: 2 })
    .map((value) => JSON.stringify(value))
    .filter((text) => !text.includes('\\u0000') && text !== 'null'),
  kind: fc.constantFrom('one', 'two'),
}

const plainColumns = () => ({
  words: c.text().nullable(),
  token: c.uuid().nullable(),
  flag: c.boolean().nullable(),
  whole: c.integer().nullable(),
  large: c.bigint().nullable(),
  digits: c.numeric().nullable(),
  at: c.timestamptz().nullable(),
  document: c.jsonb<unknown>().nullable().hidden(),
  kind: c.oneOf('one', 'two').nullable(),
})

const keyOf = (draw: Draw, table: Table): Written =>
  Object.fromEntries(
    table.key.map((name) => [
      name,
      name === 'hall' ? draw(fc.constantFrom('a', 'b', 'c')) : draw(fc.integer({ min: 1, max: 9 })),
    ]),
  )

/** A key that one of the first rows has, or none. */
const referredTo = (draw: Draw, table: Table, rows: Graph['rows']): Written => {
  const known = draw(fc.constantFrom(...(rows[table.name] ?? []).slice(0, 3), undefined))
  return known ?? keyOf(draw, table)
}

/** Columns named after those of a key that they refer to. */
const referring = (prefix: string, { key }: Table) =>
  key.map((name) => `${prefix}${name[0]?.toUpperCase()}${name.slice(1)}`)

const definitionOf = (name: string) => (KEY_TYPES[name] as () => ReturnType<typeof c.text>)()

/** Three tables whose rows refer to one another, and one that pairs rows of two of them. */
export function drawGraph(draw: Draw): Graph {
  const tables = ['ants', 'bees', 'cats'].map(
    (name): Table => ({
      name,
      key: draw(fc.constantFrom(['id'], ['id'], ['hall', 'place'])),
    }),
  )
  const anyTable = fc.constantFrom(...tables)
  const columns = new Map(
    tables.map(({ name }) => [name, plainColumns() as Record<string, unknown>]),
  )
  const relations = new Map(tables.map(({ name }) => [name, {} as Record<string, unknown>]))
  const rows: Record<string, Written[]> = {}
  const references: { from: Table; to: Table; own: string[] }[] = []
  for (const from of tables) {
    for (const name of from.key)
      (columns.get(from.name) as Written)[name] = definitionOf(name).primaryKey()
    for (const label of ['x', 'y']) {
      const to = draw(anyTable)
      const own = referring(`${label}${to.name}`, to)
      for (const [at, name] of own.entries())
        (columns.get(from.name) as Written)[name] = definitionOf(to.key[at] as string).nullable()
      Object.assign(relations.get(from.name) as object, { [label]: belongsTo(to.name, own) })
      Object.assign(relations.get(to.name) as object, {
        [`${label}${from.name}Many`]: hasMany(from.name, own),
        [`${label}${from.name}One`]: hasOne(from.name, own),
      })
      references.push({ from, to, own })
    }
  }
  const [left, right] = [draw(anyTable), draw(anyTable)]
  const from = referring('from', left)
  const to = referring('to', right)
  Object.assign(relations.get(left.name) as object, {
    paired: manyToMany(right.name, { through: 'pairs', from, to }),
  })
  Object.assign(relations.get(right.name) as object, {
    pairing: manyToMany(left.name, { through: 'pairs', from: to, to: from }),
  })
  for (const table of tables) {
    const keys = draw(fc.array(fc.constant(undefined), { minLength: 4, maxLength: 9 })).map(() =>
      keyOf(draw, table),
    )
    const distinct = [...new Map(keys.map((key) => [JSON.stringify(key), key])).values()]
    rows[table.name] = distinct.map((key) => ({
      ...key,
      ...Object.fromEntries(
        Object.entries(values).map(([name, value]) => [name, draw(fc.option(value, { freq: 3 }))]),
      ),
    }))
  }
  for (const { from: table, to: target, own } of references) {
    for (const row of rows[table.name] as Written[]) {
      const key =
        draw(fc.option(fc.constant(undefined), { freq: 5 })) === null
          ? {}
          : referredTo(draw, target, rows)
      for (const [at, name] of own.entries()) row[name] = key[target.key[at] as string] ?? null
    }
  }
  rows.pairs = Array.from({ length: draw(fc.integer({ min: 0, max: 20 })) }, (_, id) => {
    const [one, other] = [referredTo(draw, left, rows), referredTo(draw, right, rows)]
    return {
      id,
      note: draw(fc.option(instants)),
      ...Object.fromEntries(from.map((name, at) => [name, one[left.key[at] as string]])),
      ...Object.fromEntries(to.map((name, at) => [name, other[right.key[at] as string]])),
    }
  })
  const models = Object.fromEntries(
    tables.map(({ name }) => [
      name,
      defineModel(name, columns.get(name) as never, {
        relations: relations.get(name) as never,
      }) as Model,
    ]),
  )
  const paired = [
    ...from.map((name, at) => [name, definitionOf(left.key[at] as string)]),
    ...to.map((name, at) => [name, definitionOf(right.key[at] as string)]),
  ]
  models.pairs = defineModel('pairs', {
    id: c.integer().primaryKey(),
    note: c.timestamptz().nullable(),
    ...Object.fromEntries(paired),
  }) as Model
  return { models, rows, ddl: Object.values(models).map(ddlOf).join('\n') }
}

function ddlOf({ table, columns, primaryKey }: Model): string {
  const written = Object.entries(columns).map(([name, { definition }]) => {
    const notNull = definition.nullable ? '' : ' not null'
    return `${snake(name)} ${definition.type}${notNull}`
  })
  return `create table ${table} (${written.join(', ')}, primary key (${primaryKey.map(snake).join(', ')}));`
}

/** The name of a column on the server. */
export const snake = (name: string) =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
