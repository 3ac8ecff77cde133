import { expect, test } from 'vitest'
import * as c from '../src/columns.ts'
import { DataError, defineModel } from '../src/index.ts'
import type { Columns } from '../src/model/model.ts'
import { setupModels } from './model-world.ts'

const cyclic: unknown[] = []
cyclic.push(cyclic)

/** What each column refuses, by what is wrong with it. */
const REFUSED: readonly [string, Columns[string], unknown][] = [
  ['NUL in text', c.text(), 'a\0b'],
  ['half of a surrogate pair in text', c.text(), '\ud800'],
  ['NUL in an array of text', c.array(c.text()), ['a', '\0']],
  ['half of a surrogate pair in an array of text', c.array(c.text()), ['\udc00']],
  ['NUL in an enumeration', c.oneOf('a'), '\0'],
  ['NUL in a document', c.jsonb(), { deep: ['\0'] }],
  ['NUL in a key of a document', c.json(), { '\0': 1 }],
  ['half of a surrogate pair in a document', c.jsonb(), ['\ud800']],
  ['half of a surrogate pair in a key', c.jsonb(), { '\ud800': 1 }],
  ['NaN in a document', c.jsonb(), { n: Number.NaN }],
  ['Infinity in a document', c.json(), [Number.POSITIVE_INFINITY]],
  ['a bigint in a document', c.jsonb(), { n: 1n }],
  ['a Date in a document', c.jsonb(), { at: new Date() }],
  ['a Map in a document', c.jsonb(), new Map()],
  ['bytes in a document', c.jsonb(), { bytes: Buffer.from('a') }],
  ['undefined in an array of a document', c.jsonb(), [undefined]],
  ['a hole in an array of a document', c.jsonb(), new Array(1)],
  ['a function in a document', c.jsonb(), { run: () => 1 }],
  ['an object with toJSON', c.jsonb(), { toJSON: () => 1 }],
  ['a document that holds itself', c.jsonb(), cyclic],
  ['an invalid Date', c.timestamptz(), new Date(Number.NaN)],
  ['an invalid Date in an array', c.array(c.timestamptz()), [new Date(Number.NaN)]],
  ['a Date before 4714 BC', c.timestamptz(), new Date(-8.64e15)],
  ['a number that is no instant', c.timestamptz(), 1_700_000_000_000],
  ['a precise instant without a zone', c.timestamptz({ precise: true }), '2026-01-01T00:00:00'],
  ['a seventh digit', c.timestamptz({ precise: true }), '2026-01-01T00:00:00.1234567Z'],
  ['a Date in a timestamp', c.timestamp(), new Date()],
  ['a zone in a timestamp', c.timestamp(), '2026-01-01T00:00:00Z'],
  ['an offset in a timestamp', c.timestamp(), '2026-01-01 00:00:00+02'],
  ['a zone by its name in a timestamp', c.timestamp(), '2026-01-01 00:00 Europe/Berlin'],
  ['a seventh digit in a timestamp', c.timestamp(), '2026-01-01 00:00:00.0000001'],
  ['an offset in a time', c.time(), '12:00:00+02'],
  ['a time in a date', c.date(), '2026-01-01T00:00:00'],
  ['a Date in a date', c.date(), new Date()],
  ['a seventh digit in an interval', c.interval(), 'PT0.1234567S'],
  ['a number that is no safe integer', c.bigint(), 2 ** 53],
  ['a fraction for a bigint', c.bigint(), 1.5],
  ['a fraction in an array of bigint', c.array(c.bigint()), [1.5]],
  ['text for bytes', c.bytea(), 'text'],
  ['no array', c.array(c.text()), 'text'],
  ['rows in an array of one dimension', c.array(c.text()), [['a']]],
  ['a row too few dimensions', c.array(c.array(c.text())), ['a']],
  ['rows of several lengths', c.array(c.array(c.text())), [['a'], ['a', 'b']]],
  ['an empty row', c.array(c.array(c.text())), [[], []]],
  ['null for a row', c.array(c.array(c.text())), [null, ['a']]],
  ['undefined in an array', c.array(c.text()), [undefined]],
  ['a hole in an array', c.array(c.text()), new Array(1)],
  ['an object in an array of text', c.array(c.text()), [{}]],
  ['a range without a bound', c.int4range(), { lower: 1, lowerInclusive: true }],
  ['a range as text', c.int4range(), '[1,2)'],
  ['one range for several', c.int4multirange(), 'empty'],
  ['a number in an hstore', c.hstore(), { a: 1 }],
  ['a point without y', c.point(), { x: 1 }],
  ['a circle without radius', c.circle(), { x: 1, y: 1 }],
  [
    'what a codec throws',
    c.custom('text', { decode: String, encode: throwing, inJson: 'as is' }),
    1,
  ],
]

function throwing(): never {
  throw new TypeError('not this one')
}

test('a value that would not come back is refused before anything is sent', async () => {
  const models = Object.fromEntries(
    REFUSED.map(([, column], at) => [
      `t${at}`,
      defineModel(`t${at}`, { id: c.integer().primaryKey(), value: column.nullable() }),
    ]),
  )
  const tables = Object.values(models).map(
    ({ table, columns }) =>
      `create table ${table} (id integer primary key, value ${columns.value?.definition.type});`,
  )
  await using t = await setupModels(models, `create extension hstore; ${tables.join('\n')}`)

  const { db } = t.engine
  for (const [at, [what, , value]] of REFUSED.entries()) {
    const table = `t${at}` as const
    await db
      .insertInto(table)
      .values({ id: 3, value: null } as never)
      .execute()
    const writes = [
      db.insertInto(table).values({ id: 1, value } as never),
      db.insertInto(table).values([{ id: 1, value }, { id: 2 }] as never),
      db.updateTable(table as 't0').set({ value } as never),
    ]
    for (const write of writes) {
      const error = await write.execute().catch((thrown: unknown) => thrown)
      expect(error, what).toBeInstanceOf(DataError)
      expect(error, what).toMatchObject({ code: 'PARAMETER_INVALID', kind: 'data' })
    }
    expect(await t.witness(`select * from t${at}`), what).toEqual([{ id: 3, value: null }])
  }
})

test('a value out of range is an error of the server that says so, and nothing is written', async () => {
  const numbers = defineModel('numbers', {
    id: c.integer().primaryKey(),
    small: c.smallint().nullable(),
    single: c.real().nullable(),
  })
  await using t = await setupModels(
    { numbers },
    'create table numbers (id integer primary key, small smallint, single real)',
  )
  for (const row of [{ small: 40_000 }, { small: 1.5 }, { small: 2 ** 53 }, { single: 1e39 }]) {
    const insert = t.engine.db.insertInto('numbers').values({ id: 1, ...row })
    await expect(insert.execute()).rejects.toMatchObject({ kind: 'data' })
  }
  expect(await t.witness('select * from numbers')).toEqual([])
})

test('an instant that no Date can hold is an error, and is read with precise', async () => {
  const instants = defineModel('instants', { id: c.integer(), at: c.timestamptz() })
  const preciseInstants = defineModel('preciseInstants', {
    id: c.integer(),
    at: c.timestamptz({ precise: true }),
  })
  await using t = await setupModels(
    { instants, preciseInstants },
    `create table instants (id integer, at timestamptz); insert into instants values (1, '290000-01-01 00:00:00+00');
     create view precise_instants as select * from instants`,
  )
  const { db } = t.engine
  await expect(db.selectFrom('instants').select('at').execute()).rejects.toMatchObject({
    code: 'RESULT_UNREADABLE',
  })
  expect(await db.selectFrom('preciseInstants').select('at').execute()).toEqual([
    { at: '+290000-01-01T00:00:00.000000Z' },
  ])
})
