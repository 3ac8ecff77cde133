import { sql } from 'kysely'
import { expect, test } from 'vitest'
import * as c from '../src/columns.ts'
import { defineModel } from '../src/index.ts'
import { ContextError, softDelete, tenant, unscoped } from '../src/models.ts'
import { ModelRewriter } from '../src/rewrite/model-rewriter.ts'
import { setupModels } from './model-world.ts'

const papers = defineModel('papers', {
  id: c.integer().primaryKey(),
  title: c.text(),
  ...tenant(),
  ...softDelete(),
})
const notes = defineModel('notes', {
  id: c.integer().primaryKey(),
  shop: c.tenant(c.text()),
  content: c.jsonb<unknown>(),
})
const drafts = defineModel('drafts', { id: c.integer().primaryKey(), title: c.text() })

const north = '00000000-0000-4000-8000-00000000000a'
const south = '00000000-0000-4000-8000-00000000000b'

/** Papers 1 and 2 belong to north, 3 to south; note 1 to `north` and 2 to `south`. */
const setup = () =>
  setupModels(
    { papers, notes, drafts },
    `create table papers (id int primary key, title text not null, tenant_id uuid not null, deleted_at timestamptz);
    create table notes (id int primary key, shop text not null, content jsonb not null);
    create table drafts (id int primary key, title text not null);
    insert into papers values (1, 'one', '${north}'), (2, 'two', '${north}'), (3, 'three', '${south}');
    insert into notes values (1, '${north}', '[]'), (2, '${south}', '[]');
    insert into drafts values (10, 'ten'), (11, 'eleven')`,
  )

type World = Awaited<ReturnType<typeof setup>>
type Shop = World['engine']['db']

const as = <T>({ engine }: World, who: string, run: (db: Shop) => Promise<T>) =>
  engine.session(() => run(engine.db), { context: { tenant: who } })

const paperIds = (db: Shop) => db.selectFrom('papers').select('id').orderBy('id').execute()
const papersOf = (t: World) =>
  t.witness('select id, title, tenant_id from papers where deleted_at is null order by id')

test('each tenant sees, changes and deletes its own rows', async () => {
  await using t = await setup()
  expect(await as(t, north, paperIds)).toEqual([{ id: 1 }, { id: 2 }])
  expect(await as(t, south, paperIds)).toEqual([{ id: 3 }])
  expect(await as(t, north, (db) => db.selectFrom('notes').select('id').execute())).toEqual([
    { id: 1 },
  ])
  await as(t, south, (db) => db.updateTable('papers').set({ title: 'new' }).execute())
  await as(t, north, (db) => db.deleteFrom('papers').where('id', '>', 1).execute())
  expect(await papersOf(t)).toEqual([
    { id: 1, title: 'one', tenant_id: north },
    { id: 3, title: 'new', tenant_id: south },
  ])
})

test('a join shows rows of one tenant on both sides', async () => {
  await using t = await setup()
  const rows = await as(t, south, (db) =>
    db
      .selectFrom('papers')
      .fullJoin('notes', (join) => join.onTrue())
      .select(['papers.id as paper', 'notes.id as note'])
      .execute(),
  )
  expect(rows).toEqual([{ paper: 3, note: 2 }])
})

test('an insert that leaves the tenant out writes that of the context', async () => {
  await using t = await setup()
  await as(t, south, async (db) => {
    await db.insertInto('papers').values({ id: 4, title: 'four' }).execute()
    await db
      .insertInto('papers')
      .values([
        { id: 5, title: 'five' },
        { id: 6, title: sql<string>`'six'` },
      ])
      .execute()
    await db
      .insertInto('papers')
      .values([
        { id: 7, title: 'seven', tenantId: south },
        { id: 8, title: 'eight' },
      ])
      .execute()
    await db
      .insertInto('papers')
      .columns(['id', 'title'])
      .expression((eb) =>
        eb
          .selectFrom('drafts')
          .selectAll()
          .$castTo<{ id: number; title: string }>()
          .unionAll(
            eb
              .selectFrom('papers')
              .select((one) => [one('id', '+', 20).as('id'), 'title'])
              .where('id', '=', 4),
          ),
      )
      .execute()
  })
  expect(
    (await papersOf(t)).slice(3).map(({ id, title, tenant_id }) => [id, title, tenant_id]),
  ).toEqual(
    [
      [4, 'four'],
      [5, 'five'],
      [6, 'six'],
      [7, 'seven'],
      [8, 'eight'],
      [10, 'ten'],
      [11, 'eleven'],
      [24, 'four'],
    ].map((row) => [...row, south]),
  )
})

test('values beside the tenant keep their codecs', async () => {
  await using t = await setup()
  const contents = await as(t, north, async (db) => {
    await db
      .insertInto('notes')
      .values({ id: 3, content: [1, 'two'] })
      .execute()
    await db.insertInto('notes').values({ id: 4, content: 'text', shop: north }).execute()
    return db.selectFrom('notes').select('content').where('id', '>', 2).orderBy('id').execute()
  })
  expect(contents).toEqual([{ content: [1, 'two'] }, { content: 'text' }])
})

test('an insert of nothing but the tenant', async () => {
  await using t = await setup()
  await t.witness("alter table notes alter id set default 9, alter content set default '[]'")
  await as(t, north, (db) => db.insertInto('notes').defaultValues().execute())
  expect(await t.witness('select shop from notes where id = 9')).toEqual([{ shop: north }])
})

const foreign: [string, (db: Shop) => { execute(): Promise<unknown> }][] = [
  ['an insert', (db) => db.insertInto('papers').values({ id: 4, title: 'four', tenantId: south })],
  [
    'an insert of several',
    (db) =>
      db.insertInto('papers').values([
        { id: 4, title: 'four', tenantId: north },
        { id: 5, title: 'five', tenantId: south },
      ]),
  ],
  [
    'an insert of an expression',
    (db) =>
      db
        .insertInto('papers')
        .values({ id: 4, title: 'four', tenantId: sql<string>`${south}::uuid` }),
  ],
  [
    'an insert of what is selected',
    (db) =>
      db
        .insertInto('papers')
        .columns(['id', 'tenantId', 'title'])
        .expression((eb) =>
          eb.selectFrom('drafts').select((one) => ['id', one.val(south).as('tenantId'), 'title']),
        ),
  ],
  ['an update', (db) => db.updateTable('papers').set({ tenantId: south })],
  [
    'an upsert',
    (db) =>
      db
        .insertInto('papers')
        .values({ id: 1, title: 'four' })
        .onConflict((on) => on.column('id').doUpdateSet({ tenantId: south })),
  ],
]

test.each(foreign)('%s that gives a row to another tenant is refused', async (_title, make) => {
  await using t = await setup()
  const before = await papersOf(t)
  const error = await as(t, north, (db) => make(db).execute()).catch((caught) => caught)
  expect(error).toBeInstanceOf(ContextError)
  expect(error).toMatchObject({ code: 'CONTEXT_MISMATCH', kind: 'permission', sqlState: '23502' })
  expect(await papersOf(t)).toEqual(before)
})

test('an upsert leaves the row of another tenant as it is', async () => {
  await using t = await setup()
  const result = await as(t, north, (db) =>
    db
      .insertInto('papers')
      .values({ id: 3, title: 'stolen' })
      .onConflict((on) => on.column('id').doUpdateSet({ title: 'stolen' }))
      .executeTakeFirstOrThrow(),
  )
  expect(result.numInsertedOrUpdatedRows).toBe(0n)
  expect((await papersOf(t))[2]).toEqual({ id: 3, title: 'three', tenant_id: south })
})

test('an insert whose tenant cannot be seen is refused', async () => {
  await using t = await setup()
  const insert = as(t, north, (db) =>
    db
      .insertInto('papers')
      .columns(['title', 'tenantId', 'id'])
      .expression(
        (eb) => eb.selectFrom('drafts').selectAll().select(sql<number>`4`.as('n')) as never,
      )
      .execute(),
  )
  await expect(insert).rejects.toMatchObject({ code: 'BEHAVIOUR_INSERT', kind: 'usage' })
})

const nobody: [string, (t: World) => Promise<unknown>][] = [
  ['outside of any session', ({ engine }) => paperIds(engine.db)],
  ['in a session without a context', ({ engine }) => engine.session(() => paperIds(engine.db))],
  [
    'in an autocommit session',
    ({ engine }) => engine.session(() => paperIds(engine.db), { mode: 'autocommit' }),
  ],
  [
    'in a session with an empty tenant',
    ({ engine }) => engine.session(() => paperIds(engine.db), { context: { tenant: '' } }),
  ],
  [
    'in a session of its own inside another',
    (t) =>
      as(t, north, () => t.engine.session(() => paperIds(t.engine.db), { propagation: 'new' })),
  ],
  [
    'in a transaction of Kysely',
    ({ engine }) => engine.db.transaction().execute((trx) => paperIds(trx)),
  ],
  [
    'by a stream',
    async ({ engine }) => {
      for await (const _ of engine.db.selectFrom('papers').select('id').stream());
    },
  ],
  [
    'by an insert',
    ({ engine }) => engine.db.insertInto('papers').values({ id: 9, title: 'nine' }).execute(),
  ],
  [
    'by a subquery',
    ({ engine }) =>
      engine.db
        .selectFrom('drafts')
        .select((eb) => eb.selectFrom('papers').select('id').limit(1).as('paper'))
        .execute(),
  ],
]

test.each(nobody)(
  'a query %s is refused, also on a connection that had a tenant',
  async (_title, run) => {
    await using t = await setup()
    await as(t, north, paperIds)
    const sent: string[] = []
    t.engine.events.on('statement', ({ text }) => sent.push(text))
    await expect(run(t)).rejects.toMatchObject({ code: 'CONTEXT_REQUIRED', kind: 'usage' })
    expect(sent.filter((text) => text.includes('papers'))).toEqual([])
    expect(await as(t, north, paperIds)).toEqual([{ id: 1 }, { id: 2 }])
  },
)

test('streams and savepoints of a session see its tenant', async () => {
  await using t = await setup()
  const seen = await as(t, north, async (db) => {
    const ids: number[] = []
    for await (const { id } of db.selectFrom('papers').select('id').orderBy('id').stream())
      ids.push(id)
    const inside = await t.engine.session(() => paperIds(db), { propagation: 'nested' })
    return [ids, inside]
  })
  expect(seen).toEqual([
    [1, 2],
    [{ id: 1 }, { id: 2 }],
  ])
})

test('unscoped sees and writes rows of every tenant, without a context', async () => {
  await using t = await setup()
  const { db } = t.engine
  const all = db.selectFrom('papers').select('id').orderBy('id')
  await db
    .insertInto('papers')
    .values({ id: 4, title: 'four', tenantId: south })
    .$call(unscoped('tenant'))
    .execute()
  await db.deleteFrom('papers').where('id', '<', 3).$call(unscoped('tenant')).execute()
  expect(await all.$call(unscoped('tenant')).execute()).toEqual([{ id: 3 }, { id: 4 }])
  expect(await all.$call(unscoped('tenant', 'softDelete')).execute()).toHaveLength(4)
})

test('scopes that are lifted inside add to those that are lifted around', async () => {
  await using t = await setup()
  await t.witness('update papers set deleted_at = now()')
  const { db } = t.engine
  const rows = await db
    .selectFrom('drafts')
    .select((eb) =>
      eb
        .selectFrom('papers')
        .select((one) => one.fn.countAll().as('n'))
        .$call(unscoped('tenant'))
        .as('n'),
    )
    .$call(unscoped('softDelete'))
    .execute()
  expect(rows).toEqual([{ n: 3n }, { n: 3n }])
})

test('an outer join keeps its rows beside those of another tenant', async () => {
  await using t = await setup()
  const rows = await as(t, north, (db) =>
    db
      .selectFrom('papers')
      .rightJoin('drafts', (join) => join.on('papers.id', '=', 3))
      .select(['drafts.id as draft', 'papers.id as paper'])
      .orderBy('drafts.id')
      .execute(),
  )
  expect(rows).toEqual([
    { draft: 10, paper: null },
    { draft: 11, paper: null },
  ])
})

test('a tenant that may be absent is refused where it is declared', () => {
  const refusal = expect.objectContaining({ code: 'MODEL_TENANT', kind: 'usage' })
  expect(() => c.tenant(c.uuid().nullable())).toThrow(refusal)
  const late = defineModel('late', { shop: c.tenant(c.uuid()).nullable() })
  expect(() => new ModelRewriter({ late }, 'app.')).toThrow(refusal)
})
