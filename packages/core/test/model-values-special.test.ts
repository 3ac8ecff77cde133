import { type Kysely, sql } from 'kysely'
import { expect, test } from 'vitest'
import * as c from '../src/columns.ts'
import { type DatabaseOf, defineModel } from '../src/index.ts'
import { setupModels } from './model-world.ts'

const events = defineModel('events', {
  id: c.integer().primaryKey(),
  happenedAt: c.timestamptz({ precise: true }),
  moods: c.array(c.enumeration('mood', ['happy', 'sad'])),
})
const plain = defineModel('plain', { id: c.integer().primaryKey(), happenedAt: c.timestamptz() })
const links = defineModel('links', { id: c.integer().primaryKey(), eventId: c.integer() })
const models = { events, plain, links }

const setup = () =>
  setupModels(
    models,
    `create type mood as enum ('happy', 'sad');
     create table events (id integer primary key, happened_at timestamptz not null, moods mood[] not null);
     create table plain (id integer primary key, happened_at timestamptz not null);
     create table links (id integer primary key, event_id integer not null);
     insert into events values (1, '2026-01-31 12:00:00.123456+00', '{happy,sad}');
     insert into plain values (1, '2026-01-31 12:00:00.123456+00');
     insert into links values (1, 1), (2, 7);`,
  )

const AT = '2026-01-31T12:00:00.123456Z'
const MOODS = ['happy', 'sad']
const AS_DATE = new Date('2026-01-31T12:00:00.123Z')

type Db = Kysely<DatabaseOf<typeof models>>
type Asked = (db: Db) => { execute(): Promise<unknown[]> }

const eventColumns = { id: 1, happenedAt: AT, moods: MOODS }

/** Queries that say which column they give. */
const CERTAIN: readonly [string, Asked, unknown][] = [
  [
    'a reference',
    (db) => db.selectFrom('events').select(['happenedAt', 'moods']),
    { happenedAt: AT, moods: MOODS },
  ],
  [
    'a qualified reference',
    (db) => db.selectFrom('events as e').select('e.happenedAt'),
    { happenedAt: AT },
  ],
  ['an alias', (db) => db.selectFrom('events').select('happenedAt as at'), { at: AT }],
  [
    'an alias of another column’s name',
    (db) => db.selectFrom('events').select('happenedAt as id'),
    { id: AT },
  ],
  ['everything', (db) => db.selectFrom('events').selectAll(), eventColumns],
  [
    'everything of one table',
    (db) =>
      db.selectFrom('events as e').innerJoin('links as l', 'l.eventId', 'e.id').selectAll('e'),
    eventColumns,
  ],
  [
    'a join',
    (db) =>
      db
        .selectFrom('links')
        .innerJoin('events', 'events.id', 'links.eventId')
        .select(['links.id', 'happenedAt']),
    { id: 1, happenedAt: AT },
  ],
  [
    'a left join',
    (db) =>
      db
        .selectFrom('links')
        .leftJoin('events', 'events.id', 'links.eventId')
        .where('links.id', '=', 2)
        .select('events.happenedAt'),
    { happenedAt: null },
  ],
  [
    'a subquery in FROM',
    (db) =>
      db.selectFrom((eb) => eb.selectFrom('events').select('happenedAt as at').as('s')).selectAll(),
    { at: AT },
  ],
  [
    'everything of a subquery of everything',
    (db) => db.selectFrom((eb) => eb.selectFrom('events').selectAll().as('s')).selectAll('s'),
    eventColumns,
  ],
  [
    'a subquery that gives one column',
    (db) =>
      db
        .selectFrom('links')
        .where('id', '=', 1)
        .select((eb) =>
          eb
            .selectFrom('events')
            .select('happenedAt')
            .whereRef('events.id', '=', 'links.eventId')
            .as('at'),
        ),
    { at: AT },
  ],
  [
    'an outer column in a subquery',
    (db) =>
      db
        .selectFrom('events')
        .select((eb) =>
          eb.selectFrom('links').select('events.happenedAt').where('links.id', '=', 1).as('at'),
        ),
    { at: AT },
  ],
  [
    'a lateral join',
    (db) =>
      db
        .selectFrom('events')
        .innerJoinLateral(
          (eb) =>
            eb
              .selectFrom('links')
              .select('events.moods as m')
              .whereRef('eventId', '=', 'events.id')
              .as('x'),
          (join) => join.onTrue(),
        )
        .select('x.m'),
    { m: MOODS },
  ],
  [
    'a CTE',
    (db) =>
      db
        .with('recent', (q) => q.selectFrom('events').selectAll())
        .selectFrom('recent')
        .select('happenedAt'),
    { happenedAt: AT },
  ],
  [
    'a CTE with names of its own',
    (db) =>
      db
        .with('recent(a, b)', (q) => q.selectFrom('events').select(['id as a', 'happenedAt as b']))
        .selectFrom('recent')
        .select('b'),
    { b: AT },
  ],
  [
    'a CTE on another',
    (db) =>
      db
        .with('one', (q) => q.selectFrom('events').select('happenedAt'))
        .with('two', (q) => q.selectFrom('one').select('happenedAt as at'))
        .selectFrom('two')
        .selectAll(),
    { at: AT },
  ],
  [
    'a recursive CTE',
    (db) =>
      db
        .withRecursive('chain', (q) =>
          q
            .selectFrom('events')
            .select(['id', 'happenedAt'])
            .union(
              (q.selectFrom('chain' as never) as never as ReturnType<typeof q.selectFrom<'events'>>)
                .select(['id', 'happenedAt'])
                .where('id', '>', 5),
            ),
        )
        .selectFrom('chain')
        .select('happenedAt'),
    { happenedAt: AT },
  ],
  [
    'a CTE that writes',
    (db) =>
      db
        .with('gone', (q) => q.deleteFrom('events').returning('happenedAt'))
        .selectFrom('gone')
        .selectAll(),
    { happenedAt: AT },
  ],
  [
    'a CTE that hides a model',
    (db) =>
      db
        .with('plain', (q) => q.selectFrom('events').select('happenedAt'))
        .selectFrom('plain')
        .select('happenedAt'),
    { happenedAt: AT },
  ],
  [
    'a union of the same',
    (db) =>
      db
        .selectFrom('events')
        .select('happenedAt')
        .union(db.selectFrom('events as e').select('e.happenedAt')),
    { happenedAt: AT },
  ],
  [
    'a union of everything',
    (db) => db.selectFrom('events').selectAll().union(db.selectFrom('events').selectAll()),
    eventColumns,
  ],
  [
    'the least, the greatest and the first that is not null',
    (db) =>
      db
        .selectFrom('events')
        .select((eb) => [
          eb.fn.min('happenedAt').as('least'),
          eb.fn.max('moods').as('most'),
          eb.fn.coalesce(eb.fn.max('happenedAt'), eb.val(AT)).as('first'),
        ]),
    { least: AT, most: MOODS, first: AT },
  ],
  [
    'RETURNING of an insert',
    (db) =>
      db
        .insertInto('events')
        .values({ id: 2, happenedAt: AT, moods: ['sad'] })
        .returning(['happenedAt', 'moods as m']),
    { happenedAt: AT, m: ['sad'] },
  ],
  [
    'RETURNING of an update',
    (db) => db.updateTable('events').set({ moods: [] }).returningAll(),
    { ...eventColumns, moods: [] },
  ],
  [
    'RETURNING of a delete',
    (db) => db.deleteFrom('events as e').returning('e.happenedAt'),
    { happenedAt: AT },
  ],
]

test.each(CERTAIN)('%s is read as its column', async (_, ask, expected) => {
  await using t = await setup()
  const first = await ask(t.engine.db).execute()
  expect(first[0]).toEqual(expected)
})

test('RETURNING of a merge is read as its column, where the server has it', async () => {
  await using t = await setup()
  const merged = t.engine.db
    .mergeInto('events')
    .using('links', 'links.eventId', 'events.id')
    .whenMatched()
    .thenUpdateSet({ moods: ['sad'] })
    .returning(['happenedAt', 'moods'])
    .execute()
  const [server] = await t.witness(`select current_setting('server_version_num')::int as version`)
  if (Number(server?.version) < 170_000)
    await expect(merged).rejects.toMatchObject({ sqlState: '42601' })
  else expect(await merged).toEqual([{ happenedAt: AT, moods: ['sad'] }])
})

/** Queries that do not, or not alone. */
const UNCERTAIN: readonly [string, Asked, unknown][] = [
  [
    'an expression',
    (db) => db.selectFrom('events').select(sql`happened_at`.as('happenedAt')),
    { happenedAt: AS_DATE },
  ],
  [
    'a column of that name of another model',
    (db) => db.selectFrom('plain').select('happenedAt'),
    { happenedAt: AS_DATE },
  ],
  [
    'a union of two that are read differently',
    (db) =>
      db
        .selectFrom('events')
        .select('happenedAt as at')
        .union(db.selectFrom('plain').select(sql<string>`happened_at`.as('at'))),
    { at: AS_DATE },
  ],
  [
    'a name that the result has twice',
    (db) =>
      db
        .selectFrom('events')
        .innerJoin('plain', 'plain.id', 'events.id')
        .select(['events.happenedAt', 'plain.happenedAt']),
    { happenedAt: AS_DATE },
  ],
  [
    'a table without a model',
    (db) => db.selectFrom('public.unknown' as 'events').select('happenedAt'),
    { happenedAt: AS_DATE },
  ],
  [
    'a model beside everything of something unknown',
    (db) =>
      db
        .selectFrom('events')
        .innerJoin(sql<{ id: number; happenedAt: Date }>`plain`.as('p'), 'p.id', 'events.id')
        .selectAll(),
    expect.objectContaining({ happenedAt: AS_DATE }),
  ],
  [
    'a coalesce of two that are read differently',
    (db) =>
      db
        .selectFrom('events')
        .innerJoin('plain', 'plain.id', 'events.id')
        .select((eb) => eb.fn.coalesce('events.happenedAt', 'plain.happenedAt').as('at')),
    { at: AS_DATE },
  ],
]

test.each(UNCERTAIN)('%s is read as its type says', async (_, ask, expected) => {
  await using t = await setup()
  await t.witness('create view unknown as select * from events')
  const first = await ask(t.engine.db).execute()
  expect(first[0]).toEqual(expected)
})

test('a query that is built again is read in the same way', async () => {
  await using t = await setup()
  const { db } = t.engine
  for (const id of [1, 1, 1])
    expect(await db.selectFrom('events').selectAll().where('id', '=', id).execute()).toEqual([
      eventColumns,
    ])
})

test('rows of a stream are read in the same way', async () => {
  await using t = await setup()
  const rows: unknown[] = []
  for await (const row of t.engine.db.selectFrom('events').selectAll().stream()) rows.push(row)
  expect(rows).toEqual([eventColumns])
})
