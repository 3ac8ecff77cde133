import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { textCodec } from '../src/codec/basic.ts'
import { documentCodec } from '../src/codec/document.ts'
import * as c from '../src/columns.ts'
import { column } from '../src/model/column.ts'
import { ddlOf, defineModel, type StandardSchema, validate } from '../src/models.ts'
import { setupModels } from './model-world.ts'

const users = defineModel('users', {
  id: c.bigint().primaryKey().identity({ always: true }),
  email: column<string>('varchar(10)', textCodec),
  kind: c.oneOf('guest', 'member').default('guest'),
  age: column<number>('smallint', textCodec).nullable(),
  points: c.bigint().default(0n),
  since: c.timestamptz().default(sql`now()`),
  tags: column<string[]>('text[]', textCodec).default('{}'),
  settings: c.jsonb<unknown>().default('{}'),
  balance: c.numeric(6, 2).default('0'),
  passwordHash: c.text().hidden().guarded(),
  lowerEmail: c.text().generated(sql`lower(email)`),
})

const insert = validate(users, 'insert')
const update = validate(users, 'update')

const judge = <T>(schema: StandardSchema<T>, value: unknown) => {
  const { issues, ...result } = schema['~standard'].validate(value)
  return issues?.map(({ path, message }) => `${path.map(String).join('.')} ${message}`) ?? result
}

test('what is well is given back, with text made into what JSON cannot hold', () => {
  expect(
    judge(insert, {
      ...{ email: 'a@b.c', age: null, points: '9007199254740993', balance: '1234.5' },
      ...{ since: '2026-01-31T12:00:00+02:00', settings: [1, { a: null }], kind: undefined },
    }),
  ).toEqual({
    value: {
      ...{ email: 'a@b.c', age: null, points: 9007199254740993n, balance: '1234.5' },
      ...{ since: new Date('2026-01-31T10:00:00Z'), settings: [1, { a: null }] },
    },
  })
  expect(judge(update, { age: 7 })).toEqual({ value: { age: 7 } })
  expect(judge(update, {})).toEqual({ value: {} })
})

test.each<[string, StandardSchema<unknown>, unknown, string[]]>([
  ['no object', insert, 'text', [' must be an object']],
  ['a list', insert, [], [' must be an object']],
  ['an object of a class', insert, new Date(), [' must be an object']],
  ['nothing of what is needed', insert, {}, ['email is required']],
  ['undefined for what is needed', insert, { email: undefined }, ['email is required']],
  ['a column that is none', update, { admin: true }, ['admin is not a column of users']],
  ['a name that every object has', update, { toString: 1 }, ['toString is not a column of users']],
  ['a guarded column', update, { passwordHash: 'x' }, ['passwordHash is not to be set']],
  ['a computed column', update, { lowerEmail: 'x' }, ['lowerEmail is not to be set']],
  ['the key of a row that is there', update, { id: 1n }, ['id is not to be set']],
  ['half a character', update, { email: '\ud83d' }, ['email must not hold half a character']],
  ['null where it may not be', update, { email: null }, ['email must not be null']],
  [
    'too long a text',
    update,
    { email: 'x'.repeat(11) },
    ['email must be text of at most 10 characters'],
  ],
  [
    'a word that is not on the list',
    update,
    { kind: 'owner' },
    ['kind must be one of: guest, member'],
  ],
  [
    'too large a number',
    update,
    { age: 32768 },
    ['age must be a whole number from -32768 to 32767'],
  ],
  ['a number in text', update, { age: '7' }, ['age must be a whole number from -32768 to 32767']],
  [
    'digits that a number has lost',
    update,
    { points: 2 ** 53 },
    ['points must be a whole number from -9223372036854775808 to 9223372036854775807'],
  ],
  [
    'too many digits',
    update,
    { balance: '12345' },
    ['balance must have at most 4 digits before the point'],
  ],
  [
    'a day that the calendar does not have',
    update,
    { since: '2026-02-30T12:00:00Z' },
    ['since must be an instant: a Date or ISO text with its offset'],
  ],
  ['an element of a list', update, { tags: ['a', 1] }, ['tags.1 must be text']],
  [
    'what JSON changes',
    update,
    { settings: { at: [new Date()] } },
    ['settings.at.0 must be what JSON can hold'],
  ],
  [
    'two things at once',
    insert,
    { age: 1.5, x: 0 },
    [
      'age must be a whole number from -32768 to 32767',
      'x is not a column of users',
      'email is required',
    ],
  ],
])('refused: %s', (_, schema, value, reasons) => {
  expect(judge(schema, value)).toEqual(reasons)
})

test('the key of a row may come with an insert and not with an update', () => {
  const places = defineModel('places', { id: c.uuid().primaryKey(), name: c.text() })
  const id = randomUUID()
  expect(judge(validate(places, 'insert'), { id, name: '' })).toEqual({ value: { id, name: '' } })
  expect(judge(validate(places, 'update'), { id })).toEqual(['id is not to be set'])
})

test('what a codec refuses is refused, in our words and not in its own', () => {
  const encode = (value: unknown) => {
    throw new Error(`not a point: ${value}`)
  }
  const places = defineModel('places', { at: column('point', { ...textCodec, encode }) })
  expect(judge(validate(places, 'insert'), { at: 'secret' })).toEqual([
    'at must be a value of type point',
  ])
})

const TYPES = [
  ...[
    'text',
    'varchar(5)',
    'char(3)',
    'uuid',
    'date',
    'time',
    'timetz',
    'timestamp',
    'timestamptz',
  ],
  ...[
    'smallint',
    'integer',
    'bigint',
    'numeric',
    'numeric(4, 2)',
    'real',
    'double precision',
    'boolean',
  ],
  ...['jsonb', 'bytea', 'text[]', 'integer[]', 'uuid[]', 'mood', 'mood[]', 'years'],
]

const texts = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.uuid(),
  fc
    .date()
    .filter((date) => !Number.isNaN(date.getTime()))
    .map((date) => date.toISOString()),
  fc
    .tuple(fc.nat(10_000), fc.nat(13), fc.nat(32))
    .map((parts) => parts.map((n, at) => String(n).padStart(at === 0 ? 4 : 2, '0')).join('-')),
  fc
    .tuple(fc.nat(25), fc.nat(60), fc.nat(60))
    .map((parts) => parts.map((n) => String(n).padStart(2, '0')).join(':')),
  fc
    .tuple(fc.nat(9999), fc.nat(12))
    .map(([y, h]) => `${String(y).padStart(4, '0')}-01-31 ${String(h).padStart(2, '0')}:00`),
  fc
    .tuple(fc.nat(24), fc.integer({ min: -16, max: 16 }))
    .map(
      ([h, z]) =>
        `${String(h).padStart(2, '0')}:00${z < 0 ? '-' : '+'}${String(Math.abs(z)).padStart(2, '0')}`,
    ),
  fc.bigInt().map(String),
  fc.double().map(String),
  fc.constantFrom('glad', 'sad', 'NaN', '1e5', '-0.5', '.5', '5.', '0000-01-01', '12:00:00.123456'),
)
const numbers = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.bigInt(),
  fc.constantFrom(
    32767,
    32768,
    -32768,
    2 ** 31,
    -(2 ** 31),
    2n ** 63n,
    -(2n ** 63n),
    99.994,
    99,
    100,
  ),
)
/** Something for every type, so that each of them has been written in the end. */
const fitting = fc.constantFrom<unknown>(
  ...['abc', 'glad', '2026-01-31', '12:00', '12:00+02', '2026-01-31 12:00', randomUUID()],
  ...[7, 7.5, '7.5', 7n, true, new Date(0), new Uint8Array([0, 1]), {}],
)
const single = fc.oneof(
  { arbitrary: fitting, weight: 3 },
  ...[texts, numbers, fc.boolean(), fc.date(), fc.uint8Array(), fc.jsonValue()],
)
const anyValue = fc.oneof(
  { arbitrary: single, weight: 2 },
  fc.array(single, { maxLength: 3 }),
  fc.constant(null),
)

test('what is taken for a type, the server takes too', async () => {
  const things = defineModel(
    'things',
    Object.fromEntries(
      TYPES.map((type, at) => {
        const codec = type === 'jsonb' ? documentCodec : textCodec
        const declares = type.startsWith('mood')
          ? ({ kind: 'enum', name: 'mood', values: ['glad', 'sad'] } as const)
          : ({ kind: 'domain', name: 'years', base: 'smallint' } as const)
        const special = /mood|years/.test(type) ? { declares } : {}
        return [`column${at}`, column<unknown>(type, codec, special).nullable()]
      }),
    ),
  )
  await using t = await setupModels({ things }, ddlOf([things]).join(';'))
  const schema = validate(things, 'insert')
  const taken = new Set<string>()

  await fc.assert(
    fc.asyncProperty(fc.nat(TYPES.length - 1), anyValue, async (at, value) => {
      const judged = schema['~standard'].validate({ [`column${at}`]: value })
      fc.pre(judged.issues === undefined)
      await t.engine.db.insertInto('things').values(judged.value).execute()
      if (value !== null) taken.add(TYPES[at] ?? '')
    }),
    { numRuns: 2000, maxSkipsPerRun: 100 },
  )
  expect(TYPES.filter((type) => !taken.has(type))).toEqual([])
})
