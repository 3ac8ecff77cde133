import { sql } from 'kysely'
import { expect, test, vi } from 'vitest'
import {
  current,
  halfDone,
  type MigrationEvent,
  type Revision,
  repair,
  stamp,
  upgrade,
} from '../src/index.ts'
import { chain, revision, setup, type World } from './setup.ts'

const GATE = 4711

/** A revision outside a transaction of these statements. */
function outside(
  id: string,
  up: readonly string[],
  down: readonly string[] = [],
  parts: Partial<Revision> = {},
) {
  const run = (statements: readonly string[]) => async (db: Parameters<Revision['up']>[0]) => {
    for (const statement of statements) await sql.raw(statement).execute(db)
  }
  return revision(id, { transaction: false, up: run(up), down: run(down), ...parts })
}

/** Upgrades until a statement stands at the gate or waits for a lock, and ends its connection there. */
async function interrupted(
  t: World,
  revisions: readonly Revision[],
  waitEvent = 'advisory',
): Promise<unknown> {
  const failed = upgrade(t.deployer('victim'), revisions).catch((error: unknown) => error)
  await vi.waitFor(async () => {
    const ended = await t.witness(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'victim:migrations@0' and wait_event = $1`,
      [waitEvent],
    )
    expect(ended).toHaveLength(1)
  }, 20_000)
  return failed
}

/** A procedure that commits its first half and then stops at the gate: nobody can see from outside how far it came. */
async function procedure(t: World): Promise<void> {
  await t.witness('create table halves (half integer)')
  await t.witness(`create procedure two_halves() language plpgsql as $$ begin
    insert into halves values (1);
    commit;
    perform pg_advisory_lock_shared(${GATE});
    insert into halves values (2);
  end $$`)
}

const closeGate = (t: World) => t.witness('select pg_advisory_lock($1)', [GATE])
const openGate = (t: World) => t.witness('select pg_advisory_unlock($1)', [GATE])

const procedureRevision = () =>
  outside(
    'aa',
    ['create table before ()', 'call two_halves()', 'create table after ()'],
    ['drop table after', 'delete from halves', 'drop table before'],
  )

test('a statement of which nothing can be seen stops the next run, and a person says whether it took effect', async () => {
  await using t = await setup()
  await procedure(t)
  await closeGate(t)
  const revisions = [procedureRevision()]
  expect(await interrupted(t, revisions)).toMatchObject({
    code: 'REVISION_FAILED',
    outcome: 'unknown',
    message: expect.stringContaining('Run the command again to go on from there'),
  })
  await openGate(t)

  await expect(upgrade(t.engine, revisions)).rejects.toMatchObject({
    code: 'REVISION_IN_DOUBT',
    revisions: ['aa'],
    message: expect.stringMatching(
      /statement 2 \(call two_halves\(\)\), and the database does not show .* aquifer repair aa --finish --statement done .* --undo/,
    ),
  })
  expect(await halfDone(t.engine, revisions)).toMatchObject([
    {
      id: 'aa',
      direction: 'up',
      edited: false,
      statements: [
        { position: 1, finished: true },
        { position: 2, statement: 'call two_halves()', finished: false },
      ],
    },
  ])
  await repair(t.engine, revisions, { id: 'aa', action: 'finish', statement: 'done' })
  expect(await t.witness('select * from halves')).toEqual([{ half: 1 }])
  expect((await current(t.engine)).heads).toMatchObject([{ id: 'aa' }])
  expect(await t.tables()).toEqual(['after', 'before', 'halves'])
  expect(await halfDone(t.engine, revisions)).toEqual([])
})

test('a statement that had no effect is run again when a person says so', async () => {
  await using t = await setup()
  await procedure(t)
  await closeGate(t)
  await interrupted(t, [procedureRevision()])
  await openGate(t)
  await repair(t.engine, [procedureRevision()], { id: 'aa', action: 'finish', statement: 'again' })
  expect(await t.witness('select * from halves')).toEqual([{ half: 1 }, { half: 1 }, { half: 2 }])
})

test('undo takes back what was done and passes over what was not', async () => {
  await using t = await setup()
  await procedure(t)
  await closeGate(t)
  await interrupted(t, [procedureRevision()])
  await openGate(t)
  const events: MigrationEvent[] = []
  await repair(t.engine, [procedureRevision()], {
    id: 'aa',
    action: 'undo',
    onEvent: (event) => events.push(event),
  })
  expect(events.flatMap((event) => (event.event === 'statement' ? event.state : []))).toEqual([
    'started',
    'skipped',
    'started',
    'finished',
    'started',
    'finished',
  ])
  expect(await t.tables()).toEqual(['halves'])
  expect(await halfDone(t.engine, [procedureRevision()])).toEqual([])
  await upgrade(t.engine, [procedureRevision()])
  expect(await t.tables()).toEqual(['after', 'before', 'halves'])
})

test('an index whose build was interrupted is dropped and built again', async () => {
  await using t = await setup()
  await t.witness('create table things (id integer); insert into things values (1)')
  const revisions = [outside('aa', ['create index concurrently things_id on things (id)'])]
  const reader = await openReader(t)
  await interrupted(t, revisions, 'virtualxid')
  await reader.end()
  const valid = `select indexrelid::regclass::text as index, indisvalid as valid from pg_index where indrelid = 'things'::regclass`
  expect(await t.witness(valid)).toEqual([{ index: 'things_id', valid: false }])

  await upgrade(t.engine, revisions)

  expect(await t.witness(valid)).toEqual([{ index: 'things_id', valid: true }])
})

test('an index that was built although nobody heard of it is not built again', async () => {
  await using t = await setup()
  await t.witness('create table things (id integer); insert into things values (1)')
  const revisions = [outside('aa', ['create index concurrently things_id on things (id)'])]
  const reader = await openReader(t)
  await interrupted(t, revisions, 'virtualxid')
  await reader.end()
  await t.witness('drop index things_id')
  await t.witness('create index things_id on things (id)')
  const [before] = await t.witness(`select 'things_id'::regclass::oid as oid`)
  await upgrade(t.engine, revisions)
  expect(await t.witness(`select 'things_id'::regclass::oid as oid`)).toEqual([before])
})

test('a partition that is half detached is detached', async () => {
  await using t = await setup()
  await t.witness('create table parts (id integer) partition by list (id)')
  await t.witness('create table part_1 partition of parts for values in (1)')
  const revisions = [outside('aa', ['alter table parts detach partition part_1 concurrently'])]
  const reader = await openReader(t, 'select * from parts')
  await interrupted(t, revisions, 'virtualxid')
  await reader.end()
  expect(await t.witness('select inhdetachpending from pg_inherits')).toEqual([
    { inhdetachpending: true },
  ])
  await upgrade(t.engine, revisions)
  expect(await t.witness('select * from pg_inherits')).toEqual([])
})

test('an edited file stops the next run until it is accepted, and then does what is new', async () => {
  await using t = await setup()
  await procedure(t)
  await closeGate(t)
  await interrupted(t, [procedureRevision()])
  await openGate(t)
  const edited = outside('aa', ['create table before ()', 'create table instead ()'], [], {
    checksum: 'edited',
  })

  await expect(upgrade(t.engine, [edited])).rejects.toMatchObject({
    code: 'REVISION_IN_DOUBT',
    message: expect.stringContaining('aquifer repair aa --accept'),
  })
  await expect(repair(t.engine, [edited], { id: 'aa', action: 'finish' })).rejects.toMatchObject({
    code: 'REVISION_IN_DOUBT',
  })
  await repair(t.engine, [edited], { id: 'aa', action: 'accept' })
  await upgrade(t.engine, [edited])
  expect(await t.tables()).toEqual(['before', 'halves', 'instead'])
})

test('the edited file of an applied revision is accepted by name', async () => {
  await using t = await setup()
  await upgrade(t.engine, [revision('aa')])
  const edited = [revision('aa', { checksum: 'with another comment' })]
  await expect(upgrade(t.engine, edited)).rejects.toMatchObject({
    code: 'REVISION_CHECKSUM',
    message: expect.stringContaining('repair <id> --accept'),
  })
  await repair(t.engine, edited, { id: 'aa', action: 'accept' })
  expect((await upgrade(t.engine, edited)).revisions).toEqual([])
})

test('a file whose statements differ from run to run stops where they do', async () => {
  await using t = await setup()
  let name = 'first'
  const fickle = revision('aa', {
    transaction: false,
    up: async (db) => {
      await sql`create table ${sql.table(name)} ()`.execute(db)
      throw new Error('not yet')
    },
  })
  await upgrade(t.engine, [fickle]).catch(() => {})
  name = 'second'
  await expect(upgrade(t.engine, [fickle])).rejects.toMatchObject({
    code: 'REVISION_IN_DOUBT',
    message: expect.stringContaining('the file issues another one in its place now'),
  })
  expect(await t.tables()).toEqual(['first'])
})

test('a run goes on with the rows that were returned before, and stops where they could not be kept', async () => {
  await using t = await setup()
  await t.witness(
    'create table counter (n integer, at timestamptz); insert into counter values (0)',
  )
  let broken = true
  const reading = (column: string) =>
    revision('aa', {
      transaction: false,
      up: async (db) => {
        const { rows } = await sql<
          Record<string, unknown>
        >`update counter set n = n + 1, at = now() returning ${sql.ref(column)}`.execute(db)
        if (broken) throw new Error('not yet')
        await sql`insert into counter values (${Number(rows[0]?.n) * 10})`.execute(db)
      },
    })
  await upgrade(t.engine, [reading('n')]).catch(() => {})
  broken = false
  await upgrade(t.engine, [reading('n')])
  expect(await t.witness('select n from counter order by 1')).toEqual([{ n: 1 }, { n: 10 }])

  await stamp(t.engine, [reading('n')], { to: 'base', purge: true })
  broken = true
  await upgrade(t.engine, [reading('at')]).catch(() => {})
  await expect(upgrade(t.engine, [reading('at')])).rejects.toMatchObject({
    code: 'REVISION_IN_DOUBT',
    message: expect.stringContaining('they could not be kept for a second run'),
  })
})

test('while a revision is half done nothing else is begun', async () => {
  await using t = await setup()
  const half = outside('bb', ['create table half ()', 'select no_such_function()'])
  const revisions = [...chain(revision('aa'), half), revision('cc', { parents: ['aa'] })]
  await upgrade(t.engine, revisions, { to: 'bb' }).catch(() => {})
  await expect(upgrade(t.engine, revisions, { to: 'cc' })).rejects.toMatchObject({
    code: 'REVISION_IN_DOUBT',
    revisions: ['bb'],
    message: expect.stringContaining('finish it first with aquifer repair bb --finish'),
  })
})

test('what is not broken is not repaired', async () => {
  await using t = await setup()
  await upgrade(t.engine, [revision('aa')])
  for (const action of ['finish', 'undo', 'accept'] as const) {
    await expect(repair(t.engine, [revision('aa')], { id: 'aa', action })).rejects.toMatchObject({
      code: 'REPAIR_NOTHING',
      kind: 'usage',
    })
  }
})

test('M5: of a text of several statements those behind the interrupted one are not run', async () => {
  await using t = await setup()
  await t.witness('create table runs (n integer)')
  await closeGate(t)
  const text = `insert into runs values (1); select pg_advisory_xact_lock_shared(${GATE}); insert into runs values (3)`
  await interrupted(t, [outside('aa', [text])])
  await openGate(t)
  expect(await t.witness('select n from runs')).toEqual([{ n: 1 }])
  await upgrade(t.engine, [outside('aa', [text])])
  expect(await t.witness('select n from runs')).toEqual([{ n: 1 }, { n: 3 }])
})

/** A transaction that has read and stays open. */
async function openReader(t: World, statement = 'select * from things') {
  const lease = await t.deployer('reader').acquire()
  await lease.query('begin isolation level repeatable read')
  await lease.query(statement)
  return {
    end: async () => {
      await lease.query('commit')
      lease.release()
    },
  }
}
