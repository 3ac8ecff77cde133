import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { Deadline, type IsolationLevel, type Profile } from '../../src/index.ts'
import { ids, note, type ProxiedWorld, setup, setupBehindProxy, type World } from '../setup.ts'
import { trial } from './trial.ts'

const single = { size: 1, overflow: 0 } as const

const insert = (t: World, id: number) => t.engine.db.insertInto('notes').values(note(id)).execute()

/** Connections of the engine that stand idle inside a transaction, as the server sees them. */
const inTransaction = (t: World) =>
  t.witness(
    "select pid from pg_stat_activity where datname = current_database() and application_name like 'test:%' and state like 'idle in transaction%'",
  )

const begins = {
  session: (t: World, id: number, deadline: Deadline, signal: AbortSignal) =>
    t.engine.session(({ db }) => db.insertInto('notes').values(note(id)).execute(), {
      deadline,
      signal,
    }),
  kysely: (t: World, id: number, _deadline: Deadline, signal: AbortSignal) =>
    t.engine.db
      .transaction()
      .execute((trx) => trx.insertInto('notes').values(note(id)).execute({ signal })),
}

/** Which reply comes too late. */
const late = [
  { message: 'CommandComplete', text: /BEGIN/ },
  { message: 'CommandComplete', text: /INSERT/ },
  { message: 'ReadyForQuery', text: /T/ },
] as const

test.each(['session', 'kysely'] as const)(
  'when the reply to BEGIN of a %s comes too late, no connection stays in a transaction and the next insert stays (S1)',
  async (kind) => {
    await using t = await setupBehindProxy(single)
    await trial(`S1 ${kind}`, async (s1) => {
      for (const n of s1.times(6, 60)) {
        await insert(t, n * 1_000)
        const reply = late[n % late.length] as (typeof late)[number]
        const hold = t.proxy.when({ direction: 'toClient', ...reply }, 'hold')
        const stop = new AbortController()
        const unit = begins[kind](t, n, Deadline.after(8_000), stop.signal)
        const ended = s1.outcome(unit, expect.objectContaining({ code: 'CANCELLED' }))
        await hold.fired
        stop.abort()
        await ended
        const next = s1.timed(() => insert(t, n * 1_000 + 1))
        if (s1.random() < 0.7) hold.release()
        await next
        hold.release()
        await s1.outcome(inTransaction(t), [])
        await s1.outcome(ids(t), expect.not.arrayContaining([n]))
        await s1.outcome(ids(t), expect.arrayContaining([n * 1_000, n * 1_000 + 1]))
      }
    })
  },
)

test('the same holds when the deadline of a session passes meanwhile (S1)', async () => {
  await using t = await setupBehindProxy(single)
  await trial('S1 deadline', async (s1) => {
    for (const n of s1.times(2, 30)) {
      await insert(t, n * 1_000)
      const hold = t.proxy.when(
        { direction: 'toClient', message: 'CommandComplete', text: /BEGIN/ },
        'hold',
      )
      const stop = new AbortController()
      const unit = begins.session(t, n, Deadline.after(60), stop.signal)
      await s1.outcome(unit, expect.objectContaining({ code: 'DEADLINE_EXCEEDED' }))
      hold.release()
      await insert(t, n * 1_000 + 1)
      await s1.outcome(inTransaction(t), [])
      await s1.outcome(ids(t), expect.not.arrayContaining([n]))
    }
  })
})

const nonsense = 'read sideways' as IsolationLevel

test('when BEGIN is refused its first statement does not run (S12)', async () => {
  await using t = await setup(single)
  await trial('S12 refused', async (s12) => {
    for (const n of s12.times(4, 100)) {
      const unit = t.engine.session(({ db }) => db.insertInto('notes').values(note(n)).execute(), {
        isolation: nonsense,
      })
      await s12.outcome(unit, expect.objectContaining({ code: 'SERVER_42601' }))
    }
    expect(await ids(t)).toEqual([])
    expect(await inTransaction(t)).toEqual([])
    await insert(t, 1)
  })
})

test('the limits that follow BEGIN are the server’s own, whatever the search_path holds (S12)', async () => {
  await using t = await setup({ ...single, pooler: 'transaction' })
  await t.witness(
    'create schema shadow; create function shadow.set_config(text, text, boolean) returns text language sql as $$ select (1 / 0)::text $$',
  )
  await t.witness(
    "do $$ begin execute format('alter database %I set search_path = shadow, pg_catalog, public', current_database()); end $$",
  )
  await t.engine.session(({ db }) => db.insertInto('notes').values(note(1)).execute())
  expect(await ids(t)).toEqual([1])
})

/** A request on its way is kept until the server was asked to cancel what it has got so far. */
async function cancelBeforeInsert(t: ProxiedWorld, id: number) {
  const stop = new AbortController()
  const hold = t.proxy.when({ direction: 'toServer', message: 'Bind', text: /insert/ }, 'hold')
  const asked = t.proxy.when({ direction: 'toServer', message: 'CancelRequest' }, 'pass')
  const unit = begins.session(t, id, Deadline.after(8_000), stop.signal).catch((error) => error)
  await hold.fired
  stop.abort()
  await asked.fired
  hold.release()
  return unit
}

test.each<Partial<Profile>>([{}, { preparedStatements: 0 }])(
  'when BEGIN is cancelled while the first statement is on its way nothing of it stays, with %j (S12)',
  async (profile) => {
    await using t = await setupBehindProxy({ ...single, ...profile })
    await trial('S12 cancelled', async (s12) => {
      for (const n of s12.times(6, 200)) {
        await s12.outcome(cancelBeforeInsert(t, n), expect.objectContaining({ code: 'CANCELLED' }))
        await s12.outcome(sql`select 1 as one`.execute(t.engine.db), expect.anything())
        await s12.outcome(inTransaction(t), [])
      }
      expect(await ids(t)).toEqual([])
    })
  },
)

test('of transactions that are aborted at any moment exactly those stay that were said to be committed (S12)', async () => {
  await using t = await setup({ size: 3, overflow: 0 })
  await trial('S12 any moment', async (s12) => {
    const committed = new Set<number>()
    const unknown = new Set<number>()
    const work = async (worker: number) => {
      for (const n of s12.times(60, 1_500)) {
        const id = worker * 10_000 + n
        const stop = new AbortController()
        const unit = begins.session(t, id, Deadline.after(8_000), stop.signal)
        const ended = unit.then(
          () => committed.add(id),
          (error) => (error.outcome === 'rolledBack' ? undefined : unknown.add(id)),
        )
        await s12.moment(15)
        stop.abort()
        await ended
      }
    }
    await Promise.all([work(1), work(2), work(3)])
    s12.number('committed', committed.size)
    const stayed = await ids(t)
    for (const id of stayed as number[])
      if (!committed.has(id) && !unknown.has(id)) s12.violation(`${id} stayed`)
    for (const id of committed) if (!stayed.includes(id)) s12.violation(`${id} was lost`)
    expect(unknown).toEqual(new Set())
  })
})
