import { sql } from 'kysely'
import { expect, test } from 'vitest'
import {
  current,
  downgrade,
  heads,
  history,
  type MigrationEvent,
  type Revision,
  type SchemaStep,
  upgrade,
} from '../src/index.ts'
import { chain, revision, setup } from './setup.ts'

const ids = (steps: readonly { readonly id: string }[]) => steps.map(({ id }) => id)

test('upgrade applies what is missing, once, and says what it did', async () => {
  await using t = await setup()
  const revisions = chain(revision('aa'), revision('bb'))

  const first = await upgrade(t.engine, revisions)
  const second = await upgrade(t.engine, revisions)

  expect(ids(first.revisions)).toEqual(['aa', 'bb'])
  expect(first.heads).toEqual(['bb'])
  expect(second).toEqual({ revisions: [], schemas: [], heads: ['bb'], held: [] })
  expect(await t.tables()).toEqual(['aa', 'bb'])
})

test('what was applied is on record: file, checksum, parents, how long, by whom', async () => {
  await using t = await setup()
  await upgrade(t.engine, chain(revision('aa'), revision('bb')))

  const { heads: found, applied } = await current(t.engine)

  expect(ids(applied)).toEqual(['aa', 'bb'])
  expect(found).toEqual([
    {
      id: 'bb',
      name: '20260101000000_bb_test',
      parents: ['aa'],
      checksum: 'sum of bb',
      appliedAt: expect.any(Date),
      durationMs: expect.any(Number),
      appliedBy: expect.stringMatching(/^test:migrations@0 as \w+$/),
    },
  ])
})

test('current changes nothing in a database that was never migrated', async () => {
  await using t = await setup()
  expect(await current(t.engine)).toEqual({ heads: [], applied: [] })
  expect(await t.witness(`select to_regnamespace('aquifer') as schema`)).toEqual([{ schema: null }])
})

test('downgrade undoes in the reverse order and takes the record away', async () => {
  await using t = await setup()
  const revisions = chain(revision('aa'), revision('bb'), revision('cc'))
  await upgrade(t.engine, revisions)

  const result = await downgrade(t.engine, revisions, { to: 'aa' })

  expect(ids(result.revisions)).toEqual(['cc', 'bb'])
  expect(result.heads).toEqual(['aa'])
  expect(await t.tables()).toEqual(['aa'])
  expect(ids((await current(t.engine)).applied)).toEqual(['aa'])
  expect((await downgrade(t.engine, revisions, { to: 'base' })).heads).toEqual([])
})

test('a revision that fails leaves nothing of itself and everything before it', async () => {
  await using t = await setup()
  const failing = revision('bb', {
    up: async (db) => {
      await sql`create table half_done ()`.execute(db)
      await sql`create table aa ()`.execute(db)
    },
  })

  await expect(upgrade(t.engine, chain(revision('aa'), failing))).rejects.toMatchObject({
    code: 'REVISION_FAILED',
    kind: 'migration',
    outcome: 'rolledBack',
    sqlState: '42P07',
    revisions: ['bb'],
    message: expect.stringMatching(/^20260101000000_bb_test failed on its way up: relation "aa"/),
  })
  expect(await t.tables()).toEqual(['aa'])
  expect(ids((await current(t.engine)).applied)).toEqual(['aa'])
})

test('no value of a row appears in the message of a failed revision', async () => {
  await using t = await setup()
  const failing = revision('aa', {
    up: async (db) => {
      await sql`create table people (email text unique)`.execute(db)
      await sql`insert into people values ('secret@example.com'), ('secret@example.com')`.execute(
        db,
      )
    },
  })
  const error = await upgrade(t.engine, [failing]).catch((reason: Error) => reason)
  expect(error).toMatchObject({ code: 'REVISION_FAILED', sqlState: '23505' })
  expect((error as Error).message).not.toContain('secret')
})

test('a revision gets a Kysely that writes names as they are', async () => {
  await using t = await setup()
  const mixed = revision('aa', {
    up: async (db) => {
      await db.schema.createTable('mixedCase').addColumn('someColumn', 'text').execute()
    },
  })
  await upgrade(t.engine, [mixed, revision('bb', { parents: ['aa'], transaction: false })])
  expect(await t.tables()).toEqual(['bb', 'mixedCase'])
})

test('tables are not made in our own schema, even if the search path begins with it', async () => {
  await using t = await setup()
  await upgrade(t.engine, [])
  const engine = t.deployer('ours', { searchPath: ['aquifer', 'public'] })
  const outside = revision('bb', { transaction: false })
  await upgrade(engine, chain(revision('aa'), outside))
  expect(await t.tables()).toEqual(['aa', 'bb'])
})

test('another search path is left alone', async () => {
  await using t = await setup()
  await t.witness('create schema app')
  const engine = t.deployer('app', { searchPath: ['app', 'aquifer', 'public'] })
  let shown: unknown
  const look = revision('aa', {
    up: async (db) => {
      shown = (await sql`show search_path`.execute(db)).rows[0]
    },
  })
  await upgrade(engine, [look])
  expect(shown).toEqual({ search_path: 'app,aquifer,public' })
})

test('a revision outside a transaction may do what PostgreSQL refuses inside one', async () => {
  await using t = await setup()
  const concurrent = revision('bb', {
    transaction: false,
    up: async (db) => {
      await sql`create table things (id integer)`.execute(db)
      await sql`create index concurrently things_id on things (id)`.execute(db)
    },
  })
  await upgrade(t.engine, chain(revision('aa'), concurrent))
  expect(
    await t.witness(`select indisvalid from pg_index where indexrelid = 'things_id'::regclass`),
  ).toEqual([{ indisvalid: true }])
  expect(await upgrade(t.engine, chain(revision('aa'), concurrent))).toMatchObject({
    revisions: [],
    heads: ['bb'],
  })
})

test('an edited file of an applied revision is found', async () => {
  await using t = await setup()
  await upgrade(t.engine, [revision('aa')])
  const edited = [revision('aa', { checksum: 'another' })]
  await expect(upgrade(t.engine, edited)).rejects.toMatchObject({
    code: 'REVISION_CHECKSUM',
    revisions: ['aa'],
    message: expect.stringContaining('20260101000000_aa_test'),
  })
  await expect(downgrade(t.engine, edited, { to: 'base' })).rejects.toMatchObject({
    code: 'REVISION_CHECKSUM',
  })
})

test('a missing file of an applied revision is found', async () => {
  await using t = await setup()
  const revisions = chain(revision('aa'), revision('bb'))
  await upgrade(t.engine, revisions)
  await expect(upgrade(t.engine, revisions.slice(0, 1))).rejects.toMatchObject({
    code: 'REVISION_MISSING',
    revisions: ['bb'],
    message: expect.stringContaining('20260101000000_bb_test'),
  })
})

test('a file that arrives below an applied revision is found', async () => {
  await using t = await setup()
  await upgrade(t.engine, chain(revision('aa'), revision('cc')))
  const late = chain(revision('aa'), revision('bb'), revision('cc'))
  await expect(upgrade(t.engine, late)).rejects.toMatchObject({
    code: 'REVISION_LATE',
    revisions: ['bb'],
  })
})

test('a branch that arrives beside the applied one is applied before the merge of both', async () => {
  await using t = await setup()
  await upgrade(t.engine, chain(revision('aa'), revision('cc')))
  const merged = [
    ...chain(revision('aa'), revision('cc')),
    revision('bb', { parents: ['aa'] }),
    revision('dd', { parents: ['bb', 'cc'] }),
  ]
  expect(ids((await upgrade(t.engine, merged)).revisions)).toEqual(['bb', 'dd'])
})

test('two heads are refused by head and taken by heads', async () => {
  await using t = await setup()
  const fork = [
    revision('aa'),
    revision('bb', { parents: ['aa'] }),
    revision('cc', { parents: ['aa'] }),
  ]
  await expect(upgrade(t.engine, fork)).rejects.toMatchObject({ code: 'REVISION_HEADS' })
  expect((await upgrade(t.engine, fork, { to: 'heads' })).heads).toEqual(['bb', 'cc'])
  expect(ids(heads(fork))).toEqual(['bb', 'cc'])
})

test('history shows the newest first: head, pending, applied, and what does not fit', async () => {
  await using t = await setup()
  const [aa, bb, cc, gone] = chain(
    revision('aa'),
    revision('bb'),
    revision('cc'),
    revision('gone'),
  ) as [Revision, Revision, Revision, Revision]
  await upgrade(t.engine, [aa, bb])
  await upgrade(t.engine, [aa, bb, { ...gone, parents: ['bb'] }])

  const entries = await history(t.engine, [{ ...aa, checksum: 'another' }, bb, cc])

  expect(entries).toMatchObject([
    { id: 'gone', head: false, applied: { id: 'gone' }, disagreement: 'missing' },
    { id: 'cc', head: true },
    { id: 'bb', head: false, applied: { id: 'bb' } },
    { id: 'aa', head: false, applied: { id: 'aa' }, disagreement: 'edited' },
  ])
  expect(entries[1]).not.toHaveProperty('applied')
  expect(entries[2]).not.toHaveProperty('disagreement')
})

test('schemas are brought up to date at the head, each time, and nowhere below', async () => {
  await using t = await setup()
  const revisions = chain(revision('aa'), revision('bb'))
  const queue: SchemaStep = {
    name: 'queue',
    upgrade: async (engine, report) => {
      await engine.session((session) => session.query('create table if not exists public.queue ()'))
      report('the queue is there')
    },
  }
  const below = await upgrade(t.engine, revisions, { to: '+1', schemas: [queue] })
  expect(below.schemas).toEqual([])
  for (const _time of ['first', 'second']) {
    const { schemas } = await upgrade(t.engine, revisions, { schemas: [queue] })
    expect(schemas).toEqual([
      { name: 'queue', lines: ['the queue is there'], durationMs: expect.any(Number) },
    ])
  }
  expect(await t.tables()).toEqual(['aa', 'bb', 'queue'])
})

test('a schema that fails is named, and the revisions before it stay', async () => {
  await using t = await setup()
  const broken: SchemaStep = { name: 'queue', upgrade: () => Promise.reject(new Error('too old')) }
  await expect(upgrade(t.engine, [revision('aa')], { schemas: [broken] })).rejects.toMatchObject({
    code: 'SCHEMA_FAILED',
    message: expect.stringContaining('queue could not be brought up to date: too old'),
  })
  expect(ids((await current(t.engine)).applied)).toEqual(['aa'])
})

test('a signal that fires during the revisions keeps the schemas from being begun', async () => {
  await using t = await setup()
  const controller = new AbortController()
  const queue: SchemaStep = { name: 'queue', upgrade: () => Promise.reject(new Error('begun')) }
  const stopped = upgrade(t.engine, [revision('aa')], {
    schemas: [queue],
    signal: controller.signal,
    onEvent: ({ event }) => {
      if (event === 'finished') controller.abort()
    },
  })
  await expect(stopped).rejects.toMatchObject({ code: 'CANCELLED' })
  expect(ids((await current(t.engine)).applied)).toEqual(['aa'])
})

test('events tell the plan and then each revision as it starts and finishes', async () => {
  await using t = await setup()
  const events: MigrationEvent[] = []
  await upgrade(t.engine, chain(revision('aa'), revision('bb')), {
    onEvent: (event) => events.push(event),
  })
  expect(
    events.map((event) => {
      if (event.event === 'statement') return `${event.state} ${event.position}`
      return 'id' in event ? `${event.event} ${event.id}` : event.event
    }),
  ).toEqual([
    'planned',
    'started aa',
    'started 1',
    'finished 1',
    'finished aa',
    'started bb',
    'started 1',
    'finished 1',
    'finished bb',
  ])
})

test('an engine with one connection is refused before anything is done', async () => {
  await using t = await setup()
  const narrow = t.deployer('narrow', { size: 1, overflow: 0 })
  await expect(upgrade(narrow, [revision('aa')])).rejects.toMatchObject({
    code: 'MIGRATION_POOL_SIZE',
    kind: 'usage',
  })
})

test('a migration inside a session is refused', async () => {
  await using t = await setup()
  await expect(t.engine.session(() => upgrade(t.engine, [revision('aa')]))).rejects.toMatchObject({
    code: 'SESSION_FORBIDDEN',
  })
})

test('a wrong target is told before anybody waits for the lock', async () => {
  await using t = await setup()
  const events: MigrationEvent[] = []
  await expect(
    upgrade(t.engine, [revision('aa')], { to: 'nosuch', onEvent: (event) => events.push(event) }),
  ).rejects.toMatchObject({ code: 'REVISION_UNKNOWN' })
  expect(t.engine.stats().opened).toBe(0)
})
