import type { Kysely } from 'kysely'
import { expect, test } from 'vitest'
import * as c from '../src/columns.ts'
import { type DatabaseOf, defineModel } from '../src/index.ts'
import { setupModels } from './model-world.ts'

const things = defineModel('things', {
  id: c.bigint().primaryKey(),
  tags: c.array(c.text()),
  content: c.jsonb<unknown>(),
  at: c.timestamptz(),
  during: c.tstzrange(),
  spot: c.circle(),
  files: c.array(c.bytea()),
})
const models = { things }

const AT = new Date('1892-04-30T23:20:00.000Z')
const DURING = { lower: AT, upper: null, lowerInclusive: true, upperInclusive: false }
const SPOT = { x: 1, y: 2, radius: 3 }
const FILES = [Buffer.from('one'), Buffer.from([0, 255])]

async function setup() {
  const world = await setupModels(
    models,
    `create table things (id bigint primary key, tags text[] not null, content jsonb not null, at timestamptz not null,
       during tstzrange not null, spot circle not null, files bytea[] not null)`,
  )
  const row = { at: AT, during: DURING, spot: SPOT, files: FILES }
  await world.engine.db
    .insertInto('things')
    .values([
      { id: 1n, tags: ['a', 'b'], content: [1, 'two'], ...row },
      { id: 2n, tags: [], content: 'text', ...row, at: new Date(0) },
    ])
    .execute()
  return world
}

type Db = Kysely<DatabaseOf<typeof models>>
type Where = Parameters<ReturnType<typeof from>['where']>[0]
const from = (db: Db) => db.selectFrom('things').select('id')

/** Conditions that the first row meets and the second does not. */
const CONDITIONS: readonly [string, Where][] = [
  ['an array', (eb) => eb('tags', '=', ['a', 'b'])],
  ['an array in a value', (eb) => eb('tags', '=', eb.val(['a', 'b']))],
  ['arrays in a list', (eb) => eb('tags', 'in', [['x'], ['a', 'b']])],
  ['an array that is contained', (eb) => eb('tags', '@>', ['b'])],
  ['an array that overlaps', (eb) => eb('tags', '&&', ['b', 'c'])],
  ['an array of bytes', (eb) => eb.and([eb('files', '=', FILES), eb('id', '=', 1n)])],
  ['an array on the left', (eb) => eb(eb.val(['a', 'b']), '=', eb.ref('tags'))],
  ['a document that is an array', (eb) => eb('content', '=', [1, 'two'])],
  ['a document that is contained', (eb) => eb('content', '@>', ['two'])],
  ['documents in a list', (eb) => eb('content', 'in', [{ no: 1 }, [1, 'two']])],
  ['a document that is another’s text', (eb) => eb('content', '<>', 'text')],
  ['an instant', (eb) => eb('at', '=', AT)],
  ['two instants', (eb) => eb.between('at', AT, new Date(AT.getTime() + 1))],
  ['a range', (eb) => eb.and([eb('during', '=', DURING), eb('id', '=', 1n)])],
  ['a circle', (eb) => eb.and([eb('spot', '=', SPOT), eb('id', '=', 1n)])],
  [
    'a tuple',
    (eb) => eb(eb.refTuple('id', 'tags'), '=', eb.tuple(1n, eb.val(['a', 'b']) as never)),
  ],
  [
    'tuples in a list',
    (eb) => eb(eb.refTuple('id', 'content'), 'in', [eb.tuple(1n, eb.val([1, 'two']))]),
  ],
  ['coalesce', (eb) => eb(eb.fn.coalesce('content', eb.val([])), '=', eb.val([1, 'two']))],
  [
    'a subquery',
    (eb) =>
      eb.exists(
        eb
          .selectFrom('things as t')
          .select('t.id')
          .whereRef('t.id', '=', 'things.id')
          .where('t.tags', '=', ['a', 'b']),
      ),
  ],
  [
    'an outer column in a subquery',
    (eb) =>
      eb.exists(eb.selectFrom('things as t').select('t.id').where('things.tags', '=', ['a', 'b'])),
  ],
]

test.each(CONDITIONS)('%s is compared as it is written', async (_, where) => {
  await using t = await setup()
  for (const _again of [1, 2])
    expect(await from(t.engine.db).where(where).execute()).toEqual([{ id: 1n }])
})

test('values are compared in joins, HAVING, CTEs, updates and deletes', async () => {
  await using t = await setup()
  const { db } = t.engine
  const tags = ['a', 'b']
  const joined = db
    .selectFrom('things as a')
    .innerJoin('things as b', (join) => join.onRef('a.id', '=', 'b.id').on('b.tags', '=', tags))
    .select('a.id')
  expect(await joined.execute()).toEqual([{ id: 1n }])
  const grouped = from(db)
    .groupBy('id')
    .having((eb) => eb(eb.fn.max('tags'), '=', eb.val(tags)))
  expect(await grouped.execute()).toEqual([{ id: 1n }])
  const named = db
    .with('some', (q) => q.selectFrom('things').selectAll().where('content', '=', [1, 'two']))
    .selectFrom('some')
    .select('id')
    .where('tags', '=', tags)
  expect(await named.execute()).toEqual([{ id: 1n }])
  const renewed = db.updateTable('things').set({ content: [] }).where('tags', '=', tags)
  expect((await renewed.executeTakeFirstOrThrow()).numUpdatedRows).toBe(1n)
  const kept = db
    .insertInto('things')
    .columns(['id', 'tags', 'content', 'at', 'during', 'spot', 'files'])
    .expression(db.selectFrom('things').selectAll().where('id', '=', 1n))
    .onConflict((conflict) =>
      conflict
        .column('id')
        .doUpdateSet({ tags: ['new'] })
        .where('excluded.content' as never, '=', [] as never),
    )
    .returning('tags')
  expect(await kept.execute()).toEqual([{ tags: ['new'] }])
  const gone = db.deleteFrom('things').where('tags', '=', ['new'])
  expect((await gone.executeTakeFirstOrThrow()).numDeletedRows).toBe(1n)
})

test('a merge writes its values by their columns', async () => {
  await using t = await setup()
  const { db } = t.engine
  await db
    .mergeInto('things')
    .using('things as other', 'other.id', 'things.id')
    .whenMatchedAnd('things.tags', '=', ['a', 'b'])
    .thenUpdateSet({ content: ['merged'], tags: [] })
    .execute()
  expect(await db.selectFrom('things').select('content').where('id', '=', 1n).execute()).toEqual([
    { content: ['merged'] },
  ])
})

test('a value that looks like a node is a value', async () => {
  await using t = await setup()
  const { db } = t.engine
  const content = { kind: 'BinaryOperationNode', value: { kind: 'SelectQueryNode' } }
  await db.updateTable('things').set({ content }).where('id', '=', 1n).execute()
  for (const operand of [content, [content]])
    expect(await from(db).where('content', 'in', [operand, content]).execute()).toEqual([
      { id: 1n },
    ])
})
