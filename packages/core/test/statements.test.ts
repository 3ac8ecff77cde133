import { openFaultProxy } from '@aquifer/embedded'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { createEngine, Deadline, type Engine, type Profile } from '../src/index.ts'
import { note, setup, type TestDatabaseTypes, type World } from './setup.ts'

const single = { size: 1, overflow: 0 } as const

/** The engine of a world through a proxy that records what is sent. */
async function recorded(t: World, changes: Partial<Profile> = {}) {
  const proxy = await openFaultProxy({ target: t.url })
  const profile = { ...t.engine.profile, ...single, url: proxy.url, ...changes }
  const engine = createEngine({ profile }) as unknown as Engine<TestDatabaseTypes>
  await (await engine.acquire()).release()
  return {
    engine,
    recording: proxy.record(),
    [Symbol.asyncDispose]: async () => {
      await engine.close()
      await proxy.close()
    },
  }
}

const byId = (engine: Engine<TestDatabaseTypes>, id: number) =>
  engine.db.selectFrom('notes').select(['someText']).where('id', '=', id).executeTakeFirst()

test('a statement is prepared when it is sent again, and from then on only bound and run', async () => {
  await using t = await setup()
  await using r = await recorded(t)
  for (const id of [1, 2, 3]) await byId(r.engine, id)
  const sent = r.recording.messages
    .filter(({ direction }) => direction === 'toServer')
    .map(({ message }) => message)
  expect(sent).toEqual([
    ...['Parse', 'Bind', 'Describe', 'Execute', 'Sync'],
    ...['Parse', 'Bind', 'Describe', 'Execute', 'Sync'],
    ...['Bind', 'Execute', 'Sync'],
  ])
})

test('BEGIN, the limits of the deadline and the first statement are one flight', async () => {
  await using t = await setup()
  await using r = await recorded(t)
  await r.engine.session(async ({ db }) => {
    await db.insertInto('notes').values(note(1)).execute()
    await db.insertInto('notes').values(note(2)).execute()
  })
  // The first question for a transaction's id has a savepoint of its own.
  expect(r.recording.counts).toMatchObject({ flights: 3, statements: 7 })
  await r.engine.session(({ db }) => db.insertInto('notes').values(note(3)).execute())
  expect(r.recording.counts).toMatchObject({ flights: 5, statements: 11 })
})

test('statements of a session that are issued together are one flight, run in order', async () => {
  await using t = await setup()
  await using r = await recorded(t)
  const answers = await r.engine.session(({ db }) =>
    Promise.all([
      db.insertInto('notes').values(note(1)).execute(),
      db.selectFrom('notes').select('someText').execute(),
      db.updateTable('notes').set({ someText: 'changed' }).execute(),
      db.selectFrom('notes').select('someText').execute(),
    ]),
  )
  expect(r.recording.counts).toMatchObject({ flights: 2, statements: 9 })
  expect([answers[1], answers[3]]).toEqual([[{ someText: 'note 1' }], [{ someText: 'changed' }]])
})

test('of statements that are issued together none behind a failure is run', async () => {
  await using t = await setup(single)
  const outcomes: unknown[] = []
  const insert = (db: typeof t.engine.db, id: number) =>
    db
      .insertInto('notes')
      .values(note(id))
      .execute()
      .then(
        () => outcomes.push(id),
        (error) => outcomes.push([error.code, error.cause?.code]),
      )
  const unit = t.engine.session(async ({ db }) => {
    await Promise.all([insert(db, 1), insert(db, 1), insert(db, 2)])
  })
  await expect(unit).rejects.toMatchObject({ code: 'COMMIT_ROLLED_BACK' })
  expect(outcomes).toEqual([
    1,
    ['UNIQUE_VIOLATION', '23505'],
    ['TRANSACTION_ABORTED', 'UNIQUE_VIOLATION'],
  ])
  expect(await t.witness('select id from notes')).toEqual([])
})

test('a session without statements sends nothing, and a clean return costs none', async () => {
  await using t = await setup()
  await using r = await recorded(t)
  await r.engine.session(async () => {})
  ;(await r.engine.acquire()).release()
  expect(r.recording.counts).toMatchObject({ flights: 0, statements: 0 })
})

test('the statements that a connection keeps prepared are bounded; the oldest is closed', async () => {
  await using t = await setup(single)
  await using r = await recorded(t, { preparedStatements: 2 })
  for (const n of [1, 2, 3])
    for (const _ of [1, 2]) await r.engine.pool.query(`select ${n} as n, $1::int as x`, [n])
  const { rows } = await r.engine.pool.query(
    "select statement from pg_prepared_statements where statement like '%as n%' order by 1",
  )
  expect(rows).toEqual([
    { statement: 'select 2 as n, $1::int as x' },
    { statement: 'select 3 as n, $1::int as x' },
  ])
})

test.each(['add column extra text', 'alter column some_text type varchar(99)'])(
  'a prepared select survives: alter table notes %s',
  async (change) => {
    await using t = await setup(single)
    await t.engine.db.insertInto('notes').values(note(1)).execute()
    const all = () => t.engine.db.selectFrom('notes').selectAll().execute()
    for (let n = 0; n < 3; n += 1) await all()
    await t.witness(`alter table notes ${change}`)
    expect(await all()).toMatchObject([note(1)])
    const inSession = () =>
      t.engine.session(({ db }) => db.selectFrom('notes').selectAll().execute())
    await t.witness('alter table notes add column another text')
    expect(await inSession()).toMatchObject([note(1)])
  },
)

test('a prepared statement that somebody deallocated is prepared again', async () => {
  await using t = await setup(single)
  await using lease = await t.engine.acquire()
  const read = () => lease.query('select $1::int as n', [1])
  for (let n = 0; n < 3; n += 1) await read()
  await lease.query('deallocate all')
  expect((await read()).rows).toEqual([{ n: 1 }])
})

test('a text of several statements runs, and its last answer counts', async () => {
  await using t = await setup()
  const { rows } = await t.engine.session((session) =>
    session.query('select 1 as a; select 2 as b'),
  )
  expect(rows).toEqual([{ b: 2 }])
})

test.each([
  ['the text of a statement with NUL', (t: World) => t.engine.pool.query('select 1 \0')],
  ['half of a surrogate pair', (t: World) => t.engine.pool.query('select $1::text', ['\ud800'])],
  [
    'more parameters than the protocol counts',
    (t: World) =>
      t.engine.pool.query(
        'select 1',
        Array.from({ length: 65_536 }, () => 1),
      ),
  ],
])('%s is refused and nothing is sent', async (_, send) => {
  await using t = await setup(single)
  await t.engine.pool.query('select 1')
  await expect(send(t)).rejects.toMatchObject({ kind: 'data', outcome: 'rolledBack' })
  expect((await t.engine.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  expect(t.engine.stats()).toMatchObject({ opened: 1 })
})

test('values of every width arrive as they were sent', async () => {
  await using t = await setup(single)
  const values = ['', 'é', '🦆'.repeat(700), 'x'.repeat(100_000), '\u0001']
  for (const value of values) {
    const { rows } = await t.engine.pool.query('select $1::text as a, $2::bytea as b, $3 as c', [
      value,
      Buffer.from(value),
      null,
    ])
    expect(rows).toEqual([{ a: value, b: Buffer.from(value), c: null }])
  }
})

test('COPY that waits for data is ended, not hung', async () => {
  await using t = await setup(single)
  await expect(t.engine.pool.query('copy notes from stdin')).rejects.toMatchObject({
    code: '57014',
  })
  expect((await t.engine.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
})

test('an empty text has an empty answer', async () => {
  await using t = await setup(single)
  expect((await t.engine.pool.query('')).rows).toEqual([])
})

test('a value that cannot be decoded is an error of that statement alone', async () => {
  await using t = await setup(single)
  const types = {
    getTypeParser: () => () => {
      throw new Error('unreadable')
    },
  }
  await expect(t.engine.pool.query({ text: 'select 1', types })).rejects.toMatchObject({
    code: 'RESULT_UNREADABLE',
  })
  expect((await t.engine.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
})

test('a column cannot set the prototype of its row', async () => {
  await using t = await setup(single)
  const { rows } = await t.engine.pool.query(`select '{"polluted": true}'::json as __proto__`)
  expect(Object.getPrototypeOf(rows[0])).toBe(Object.prototype)
  expect(Object.keys(rows[0] ?? {})).toEqual(['__proto__'])
})

test('statements are events that count their parameters and hide their values', async () => {
  await using t = await setup(single)
  const seen: unknown[] = []
  t.engine.events.on('statement', ({ tookMs: _, backendPid: __, ...event }) => seen.push(event))
  await t.engine.pool.query('select $1::text as secret', ['hunter2'])
  await sql`select 1/0`.execute(t.engine.db).catch(() => {})
  expect(seen).toMatchObject([
    { text: 'select $1::text as secret', parameters: 1, rows: 1 },
    { text: 'select 1/0', parameters: 0, rows: 0, error: expect.any(Error) },
  ])
})

test('the stack of an error leads to the call', async () => {
  await using t = await setup(single)
  async function readNothing() {
    return await sql`select * from nowhere`.execute(t.engine.db)
  }
  const alone = await readNothing().catch((reason: Error) => reason)
  const inSession = await t.engine.session(readNothing).catch((reason: Error) => reason)
  expect((alone as Error).stack).toContain('readNothing')
  expect((inSession as Error).stack).toContain('readNothing')
})

test('one session can stream more than once, to the end or not', async () => {
  await using t = await setup(single)
  await t.engine.db.insertInto('notes').values([1, 2, 3, 4, 5].map(note)).execute()
  const read = async (db: typeof t.engine.db, most: number) => {
    const seen: number[] = []
    for await (const { id } of db.selectFrom('notes').select('id').orderBy('id').stream(2)) {
      seen.push(id)
      if (seen.length === most) break
    }
    return seen
  }
  const seen = await t.engine.session(async ({ db }) => [
    await read(db, 9),
    await read(db, 3),
    await read(db, 9),
  ])
  expect(seen).toEqual([
    [1, 2, 3, 4, 5],
    [1, 2, 3],
    [1, 2, 3, 4, 5],
  ])
  expect(t.engine.stats()).toMatchObject({ opened: 1, inUse: 0 })
})

test('a FETCH that is sent again reads the cursor of its own transaction', async () => {
  await using t = await setup(single)
  const fetch = (query: string) =>
    t.engine.session(async (session) => {
      await session.query(`declare c cursor for ${query}`)
      return (await session.query('fetch 1 from c')).rows
    })
  for (let n = 0; n < 3; n += 1) expect(await fetch('select 1 as n')).toEqual([{ n: 1 }])
  expect(await fetch("select 'x' as a, now() > 'epoch' as b")).toEqual([{ a: 'x', b: true }])
})

test('an onConnect that does not end takes its connection down and no slot with it', async () => {
  await using t = await setup()
  let calls = 0
  const profile = {
    ...t.engine.profile,
    ...single,
    connectTimeoutMs: 200,
    onConnect: async () => {
      calls += 1
      if (calls === 1) await new Promise(() => {})
    },
  }
  await using engine = createEngine({ profile })
  await expect(engine.acquire()).rejects.toMatchObject({ code: 'CONNECTION_FAILED' })
  await using lease = await engine.acquire()
  expect((await lease.query('select 1 as one')).rows).toEqual([{ one: 1 }])
})

test.each([300, 60_000])(
  'SET TRANSACTION may come first, %d ms before the deadline',
  async (remainingMs) => {
    await using t = await setup({ ...single, deadlineMs: 120_000 })
    const level = await t.engine.session(
      async (session) => {
        await session.query('set transaction isolation level repeatable read')
        return (await session.query('show transaction_isolation')).rows
      },
      { deadline: Deadline.after(remainingMs) },
    )
    expect(level).toEqual([{ transaction_isolation: 'repeatable read' }])
  },
)

test('a read that waits for a lock is no sign that its connection is dead', async () => {
  await using t = await setup({ ...single, livenessAfterMs: 0, deadlineMs: 60_000 })
  await t.engine.pool.query('select 1')
  await t.witness('begin')
  await t.witness('lock table notes in access exclusive mode')
  const read = t.engine.db.selectFrom('notes').selectAll().execute()
  await t.witness('select pg_sleep(1.5)')
  await t.witness('commit')
  expect(await read).toEqual([])
  expect(t.engine.stats()).toMatchObject({ opened: 1 })
})
