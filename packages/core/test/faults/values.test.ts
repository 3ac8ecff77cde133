import fc from 'fast-check'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import * as c from '../../src/columns.ts'
import { defineModel } from '../../src/index.ts'
import { COLUMN_KINDS, TYPES } from '../column-kinds.ts'
import { setupModels } from '../model-world.ts'
import { anything } from '../random-values.ts'
import { trial } from './trial.ts'

const SAMPLES = 8
const KINDS = Object.entries(COLUMN_KINDS)

const models = Object.fromEntries(
  KINDS.map(([name, { column }]) => [
    name,
    defineModel(`of${name}`, { id: c.integer().primaryKey(), value: column.nullable() }),
  ]),
)

/** A table for each type of column, and how its values are written and read. */
async function setup() {
  const tables = Object.values(models).map(
    ({ table, columns }) =>
      `create table ${table} (id integer primary key, value ${columns.value?.definition.type});`,
  )
  const world = await setupModels(models, TYPES + tables.join('\n'))
  const { db } = world.engine
  const of = (name: string) => {
    const table = `of${name}` as 'oftext'
    const codec = COLUMN_KINDS[name]?.column.definition.codec
    return {
      clear: () => db.deleteFrom(table).execute(),
      insert: (rows: readonly { id: number; value: unknown }[]) =>
        db
          .insertInto(table)
          .values(rows as never)
          .execute(),
      update: (id: number, value: unknown) =>
        db
          .updateTable(table)
          .set({ value } as never)
          .where('id', '=', id as never)
          .execute(),
      plain: async () => {
        const rows = await db.selectFrom(table).select('value').orderBy('id').execute()
        return rows.map(({ value }) => value)
      },
      /** As a relation is loaded. */
      outOfJson: async () => {
        const isText = codec?.inJson === 'text'
        const column = isText ? sql`value::text` : sql`value`
        const rows = await db
          .selectFrom(table)
          .select(sql<[unknown]>`json_build_array(${column})`.as('inJson'))
          .orderBy('id')
          .execute()
        return rows.map(({ inJson: [item] }) =>
          isText && item !== null ? codec.decode(String(item)) : item,
        )
      },
    }
  }
  return { of, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() }
}

test('a value of any type comes back equal however it is written and read (B6)', async () => {
  await using t = await setup()
  await trial('B6', async (b6) => {
    for (const _ of b6.times(1, 40)) {
      for (const [name, kind] of KINDS) {
        const table = t.of(name)
        const seed = b6.between(0, 2 ** 31 - 1)
        const values = [...fc.sample(kind.values, { seed, numRuns: SAMPLES }), null]
        const again = values.map((value, at) => ({ id: values.length + at, value }))
        const roundTrip = async () => {
          await table.clear()
          await table.insert(values.map((value, id) => ({ id, value })))
          await table.insert(again.map(({ id }) => ({ id, value: null })))
          await Promise.all(again.map(({ id, value }) => table.update(id, value)))
          return { seed, name, plain: await table.plain(), outOfJson: await table.outOfJson() }
        }
        const both = [...values, ...values]
        await b6.outcome(roundTrip(), { seed, name, plain: both, outOfJson: both })
      }
    }
  })
})

/** The server calls the text of a tsquery or a jsonpath that it cannot read a syntax error. */
const refused = expect.objectContaining({ kind: expect.stringMatching(/^(data|syntax)$/) })

test('what no type says may be written is read alike everywhere, or refused and not written (B6)', async () => {
  await using t = await setup()
  await trial('B6 anything', async (b6) => {
    for (const _ of b6.times(1, 30)) {
      for (const [name] of KINDS) {
        const table = t.of(name)
        const seed = b6.between(0, 2 ** 31 - 1)
        for (const value of fc.sample(anything, { seed, numRuns: SAMPLES / 2 })) {
          await table.clear()
          const failure = await table.insert([{ id: 1, value }]).then(
            () => undefined,
            (error: unknown) => error,
          )
          const plain = await table.plain()
          if (failure === undefined) await b6.outcome(table.outOfJson(), plain)
          else {
            await b6.outcome(Promise.reject(failure), refused)
            await b6.outcome(Promise.resolve(plain), [])
          }
        }
      }
    }
  })
})
