import { type FaultAction, type MessageMatch, temporaryServer } from '@aquifer/embedded'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { outcomeOf } from '../../src/engine/commit-outcome.ts'
import { EngineCore } from '../../src/engine/engine-core.ts'
import { Deadline, type Session as EngineSession } from '../../src/index.ts'
import {
  engineOf,
  ids,
  note,
  type ProxiedWorld,
  setup,
  setupBehindProxy,
  type TestDatabaseTypes,
} from '../setup.ts'
import { type Trial, trial } from './trial.ts'

type Session = EngineSession<TestDatabaseTypes>

/** COMMIT is sent as text each time, so that a rule can see it leave. */
const plain = { preparedStatements: 0 } as const

/** How COMMIT is lost, by what the server made of it. */
const losses: readonly (readonly [string, MessageMatch, FaultAction, boolean])[] = [
  [
    'never arrives',
    { direction: 'toServer', message: 'Parse', text: /^commit/i },
    'cut before',
    false,
  ],
  [
    'arrives in part',
    { direction: 'toServer', message: 'Parse', text: /^commit/i },
    'cut within',
    false,
  ],
  [
    'is not answered',
    { direction: 'toClient', message: 'CommandComplete', text: /COMMIT/ },
    'cut before',
    true,
  ],
  [
    'is answered in part',
    { direction: 'toClient', message: 'CommandComplete', text: /COMMIT/ },
    'cut after',
    true,
  ],
]

const units = {
  session: (t: ProxiedWorld, id: number, beforeCommit: () => void) =>
    t.engine.session(async ({ db }) => {
      await db.insertInto('notes').values(note(id)).execute()
      beforeCommit()
    }),
  kysely: (t: ProxiedWorld, id: number, beforeCommit: () => void) =>
    t.engine.db.transaction().execute(async (trx) => {
      await trx.insertInto('notes').values(note(id)).execute()
      beforeCommit()
    }),
}

/** Whether the caller was told what the table says: done, or not done and free to do it again. */
async function toldTheTruth(t: ProxiedWorld, row: Trial, id: number, unit: Promise<unknown>) {
  const told = await unit.then(
    () => 'committed',
    (error: { code: string; outcome: string; retryable: boolean }) =>
      error.code === 'COMMIT_LOST' && error.retryable ? error.outcome : error.code,
  )
  const done = (await ids(t)).includes(id)
  if (told !== (done ? 'committed' : 'rolledBack'))
    row.violation(`was told ${told}, and it ${done ? 'is' : 'is not'} there`)
}

test.each(['session', 'kysely'] as const)(
  'a %s whose COMMIT is cut is told what became of it (S6)',
  async (kind) => {
    await using t = await setupBehindProxy({ ...plain, size: 1, overflow: 0 })
    await trial(`S6 ${kind}`, async (s6) => {
      for (const id of s6.times(12, 5_000)) {
        const [, match, action, applied] = losses[id % losses.length] as (typeof losses)[number]
        const unit = units[kind](t, id, () => void t.proxy.when(match, action))
        await toldTheTruth(t, s6, id, unit)
        await s6.outcome(
          ids(t).then((there) => there.includes(id)),
          applied,
        )
      }
    })
  },
)

test('a transaction that still runs when its COMMIT is lost is ended, and its unit was rolled back (S6)', async () => {
  await using t = await setupBehindProxy({ ...plain, size: 4, overflow: 0 })
  await trial('S6 black hole', async (s6) => {
    for (const id of s6.times(2, 40)) {
      const commit = { direction: 'toServer', message: 'Parse', text: /^commit/i } as const
      const unit = t.engine.session(
        async ({ db }) => {
          await db.insertInto('notes').values(note(id)).execute()
          t.proxy.when(commit, 'blackHole before')
        },
        { deadline: Deadline.after(1_500) },
      )
      await toldTheTruth(t, s6, id, unit)
    }
  })
})

test('a declared unit whose COMMIT was lost is run again, and applied once (S6)', async () => {
  await using t = await setupBehindProxy({ ...plain, size: 1, overflow: 0 })
  const attempts: number[] = []
  await t.engine.transaction(
    async ({ db, attempt }) => {
      attempts.push(attempt)
      await db.insertInto('notes').values(note(1)).execute()
      const commit = { direction: 'toServer', message: 'Parse', text: /^commit/i } as const
      if (attempt === 1) t.proxy.when(commit, 'cut before')
    },
    { retry: true },
  )
  expect(attempts).toEqual([1, 2])
  expect(await ids(t)).toEqual([1])
})

test('a read-only unit that was made to write is told the truth of its COMMIT', async () => {
  await using t = await setupBehindProxy({ ...plain, size: 1, overflow: 0 })
  const commit = { direction: 'toServer', message: 'Parse', text: /^commit/i } as const
  const unit = t.engine.session(
    async (session) => {
      await session.query('set transaction read write')
      await session.db.insertInto('notes').values(note(1)).execute()
      t.proxy.when(commit, 'cut before')
    },
    { readOnly: true },
  )
  await expect(unit).rejects.toMatchObject({ code: 'COMMIT_LOST' })
  expect(await ids(t)).toEqual([])
})

test('a COMMIT that is lost with the server has an unknown outcome', async () => {
  await using t = await setupBehindProxy({ ...plain, size: 1, overflow: 0 })
  const commit = { direction: 'toClient', message: 'CommandComplete', text: /COMMIT/ } as const
  const reply = t.proxy.when(commit, 'hold')
  const deadline = Deadline.after(1_500)
  const unit = t.engine.session(({ db }) => db.insertInto('notes').values(note(1)).execute(), {
    deadline,
  })
  const told = expect(unit).rejects.toMatchObject({
    code: 'COMMIT_OUTCOME_UNKNOWN',
    outcome: 'unknown',
  })
  await reply.fired
  t.proxy.refuse()
  t.proxy.cut()
  await told
})

test('a plain role may ask what became of its COMMIT', async () => {
  await using server = await temporaryServer()
  await using t = await setupBehindProxy({}, { serverUrl: server.url })
  await t.witness('create role plain login; grant all on notes to plain')
  const url = t.proxy.url.replace('postgres@', 'plain@')
  await using engine = engineOf({ url }, { ...plain, size: 1, overflow: 0 })
  for (const [id, [, match, action, applied]] of losses.entries()) {
    const unit = engine.session(async ({ db }) => {
      await db.insertInto('notes').values(note(id)).execute()
      t.proxy.when(match, action)
    })
    if (applied) await unit
    else await expect(unit).rejects.toMatchObject({ code: 'COMMIT_LOST' })
    expect((await ids(t)).includes(id)).toBe(applied)
  }
})

test('a lost COMMIT of a unit that has written nothing is no loss', async () => {
  await using t = await setupBehindProxy({ ...plain, size: 1, overflow: 0 })
  t.proxy.when({ direction: 'toClient', message: 'CommandComplete', text: /COMMIT/ }, 'cut before')
  const read = t.engine.session(({ db }) => db.selectFrom('notes').selectAll().execute())
  expect(await read).toEqual([])
})

test.each([
  ['of its own history', true, 'rolledBack'],
  ['of another history, as a promoted standby,', false, 'unknown'],
])('an id that a server %s has not given out', async (_which, isOwn, outcome) => {
  await using t = await setup()
  const [row] = await t.witness(
    'select left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) as timeline',
  )
  const timeline = isOwn ? String(row?.timeline) : '000000FF'
  const mark = { xid: '99999999999', markedAt: Date.now() / 1_000, timeline }
  const { pool } = new EngineCore(t.engine.profile, () => undefined)
  expect(await outcomeOf(pool, mark, Deadline.after(5_000))).toBe(outcome)
  await pool.close()
})

/** Units whose writes do not show by themselves when they are sent. */
const hidden: readonly (readonly [string, (session: Session) => Promise<unknown>])[] = [
  [
    'the rows of a cursor',
    async (session) => {
      await session.query('declare ours cursor for select put(n) from generate_series(1, 9) n')
      await session.query('fetch 9 from ours')
    },
  ],
  [
    'the later rows of a stream',
    async ({ db }) => {
      const numbers = sql<{ n: number }>`generate_series(1, 9)`.as('n')
      const puts = db.selectFrom(numbers).select(sql`put(n)`.as('put'))
      for await (const _row of puts.stream(2));
    },
  ],
  [
    'a flight of which a part failed and was undone',
    async (session) => {
      const flight = ['select put(9)', 'savepoint ours', 'select 1 / 0']
      await Promise.allSettled(flight.map((text) => session.query(text)))
      await session.query('rollback to savepoint ours')
    },
  ],
]

test.each(hidden)('a lost COMMIT of what %s wrote is no success', async (_what, work) => {
  await using t = await setupBehindProxy({ ...plain, size: 1, overflow: 0 })
  await t.witness(`create function put(n int) returns void language plpgsql as
    $$ begin if n = 9 then insert into notes values (n, 'nine'); end if; end $$`)
  const unit = t.engine.session(async (session) => {
    await work(session)
    t.proxy.when({ direction: 'toServer', message: 'Parse', text: /^commit/i }, 'cut before')
  })
  await expect(unit).rejects.toMatchObject({ code: 'COMMIT_LOST' })
  expect(await ids(t)).toEqual([])
})

test('a lost COMMIT of what went to a foreign table has an unknown outcome', async () => {
  await using t = await setupBehindProxy({ ...plain, size: 1, overflow: 0 })
  const { hostname, port, pathname, username } = new URL(t.url)
  const place = `host '${hostname}', port '${port}', dbname '${pathname.slice(1)}'`
  await t.witness(`create extension postgres_fdw;
    create server far foreign data wrapper postgres_fdw options (${place});
    create user mapping for current_user server far options (user '${username}', password_required 'false');
    create foreign table far_notes (id int, some_text text) server far options (table_name 'notes')`)
  const unit = t.engine.session(async (session) => {
    await session.query("insert into far_notes values (1, 'far')")
    t.proxy.when({ direction: 'toServer', message: 'Parse', text: /^commit/i }, 'cut before')
  })
  await expect(unit).rejects.toMatchObject({ code: 'COMMIT_OUTCOME_UNKNOWN' })
})

test.each([{ readOnly: false }, { readOnly: true }])(
  'a lost COMMIT of a notification alone has an unknown outcome: %o',
  async (options) => {
    await using t = await setupBehindProxy({ ...plain, size: 1, overflow: 0 })
    const answer = { direction: 'toClient', message: 'CommandComplete', text: /COMMIT/ } as const
    t.proxy.when(answer, 'cut before')
    const notify = t.engine.session(
      (session) =>
        Promise.all([
          session.query('select random()'),
          session.query("select pg_notify('tides', 'high')"),
        ]),
      options,
    )
    await expect(notify).rejects.toMatchObject({ code: 'COMMIT_OUTCOME_UNKNOWN' })
  },
)
