import fc from 'fast-check'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import * as c from '../../src/columns.ts'
import { defineModel } from '../../src/index.ts'
import { COLUMN_KINDS, TYPES } from '../column-kinds.ts'
import { setupModels } from '../model-world.ts'
import { trial } from './trial.ts'

const models = Object.fromEntries(
  Object.entries(COLUMN_KINDS).map(([name, { column }]) => [
    name,
    defineModel(`of${name}`, { id: c.integer().primaryKey(), value: column.nullable() }),
  ]),
)

const setup = () =>
  setupModels(
    models,
    TYPES +
      Object.values(models)
        .map(({ table, columns }) => {
          const type = columns.value?.definition.type
          return `create table ${table} (id integer primary key, value ${type});`
        })
        .join('\n'),
  )

test('a value of any type comes back equal however it is written and read, or is refused (B6)', async () => {
  await using t = await setup()
  const { db } = t.engine
  await trial('B6', async (b6) => {
    for (const _ of b6.times(2, 100)) {
      for (const [name, kind] of Object.entries(COLUMN_KINDS)) {
        const model = models[name] as (typeof models)[string]
        const { codec } = kind.column.definition
        const seed = b6.between(0, 2 ** 31 - 1)
        const values = [...fc.sample(kind.values, { seed, numRuns: 12 }), null]
        const table = model.name as 'oftext'
        try {
          await db.deleteFrom(table).execute()
          const inserted = values.map((value, id) => ({ id, value }))
          await db
            .insertInto(table)
            .values(inserted as never)
            .execute()
          for (const [at, value] of values.entries()) {
            const id = values.length + at
            await db
              .insertInto(table)
              .values({ id, value: null } as never)
              .execute()
            await db
              .updateTable(table)
              .set({ value } as never)
              .where('id', '=', id as never)
              .execute()
          }
          const plain = await db.selectFrom(table).select('value').orderBy('id').execute()
          const column = codec.inJson === 'text' ? sql`value::text` : sql`value`
          const nested = await db
            .selectFrom(table)
            .select(sql<[unknown]>`json_build_array(${column})`.as('inJson'))
            .orderBy('id')
            .execute()
          const decoded = nested.map(({ inJson: [item] }) =>
            codec.inJson === 'text' && item !== null ? codec.decode(String(item)) : item,
          )
          expect(plain.map(({ value }) => value)).toEqual([...values, ...values])
          expect(decoded).toEqual([...values, ...values])
        } catch (error) {
          b6.violation(
            `${name} (seed ${seed}): ${String(error).slice(0, 600)} ${error instanceof Error && error.cause ? String(error.cause) : ''}`,
          )
        }
      }
    }
  })
})
