import { temporaryServer } from '@aquifer/embedded'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { Profile } from '../../src/index.ts'
import { ids, next, note, setup, setupBehindProxy, sleeps, type World } from '../setup.ts'
import { trial } from './trial.ts'

const kill = (t: World, pid: number) => t.witness('select pg_terminate_backend($1)', [pid])

/** Resolves when the backend is gone, whether or not its client has looked. */
const killAndWait = (t: World, pid: number) =>
  t.witness('select pg_terminate_backend($1, 5000)', [pid])

const read = (t: World) => t.engine.db.selectFrom('notes').select('id').limit(1).execute()

const write = (t: World, id: number) => t.engine.db.insertInto('notes').values(note(id)).execute()

const inSession = (t: World, id: number) =>
  t.engine.session(({ db }) => db.insertInto('notes').values(note(id)).execute())

/** Opens as many connections as the pool holds and leaves them idle. */
async function fill(t: World, connections: number) {
  const leases = await Promise.all(Array.from({ length: connections }, () => t.engine.acquire()))
  for (const lease of leases) lease.release()
  return leases.map(({ backendPid }) => backendPid)
}

const lostInside = { kind: 'connection', outcome: 'rolledBack', retryable: true }

test('a backend that is killed between the statements of a transaction fails its next use and nothing else (C1)', async () => {
  await using t = await setup({ size: 2, overflow: 0 })
  await trial('C1', async (c1) => {
    for (const n of c1.times(30, 1_000)) {
      const unit = t.engine.session(async (session) => {
        await session.db.insertInto('notes').values(note(n)).execute()
        const { rows } = await session.query<{ pid: number }>('select pg_backend_pid() as pid')
        const noticed = next(t.engine, 'invalidate')
        const pid = rows[0]?.pid ?? 0
        if (c1.random() < 0.5) await Promise.all([noticed, kill(t, pid)])
        else await killAndWait(t, pid)
        await session.db.selectFrom('notes').select('id').execute()
      })
      await c1.outcome(unit, expect.objectContaining(lostInside))
      await c1.outcome(read(t), [])
    }
  })
})

test('a transaction that idles for longer than the server allows ends with a typed error (C1)', async () => {
  await using t = await setup({ size: 1, overflow: 0, idleInTransactionTimeoutMs: 20 })
  await trial('C1 idle', async (c1) => {
    for (const n of c1.times(3, 50)) {
      const unit = t.engine.session(async (session) => {
        await session.db.insertInto('notes').values(note(n)).execute()
        const { rows } = await session.query<{ pid: number }>('select pg_backend_pid() as pid')
        const gone = () => t.witness('select from pg_stat_activity where pid = $1', [rows[0]?.pid])
        await expect.poll(gone).toEqual([])
        await session.db.selectFrom('notes').select('id').execute()
      })
      await c1.outcome(unit, expect.objectContaining(lostInside))
      await c1.outcome(read(t), [])
    }
  })
})

test('a backend that is killed under a statement fails that statement, and none of those who wait for its slot (C2)', async () => {
  await using t = await setup({ size: 1, overflow: 0 })
  await trial('C2', async (c2) => {
    for (const _ of c2.times(10, 300)) {
      const victim = await t.engine.acquire()
      const running = victim.query('select pg_sleep(60)').finally(() => victim.release())
      const lost = c2.outcome(running, expect.objectContaining({ code: 'CONNECTION_LOST' }))
      const waiters = [1, 2, 3, 4].map(() => c2.timed(() => c2.outcome(read(t), [])))
      await sleeps(t)
      await kill(t, victim.backendPid)
      await Promise.all([lost, ...waiters])
    }
  })
})

test('a backend that is killed while it is idle is noticed by nobody, and is an event with its reason (C3)', async () => {
  await using t = await setup({ size: 4, overflow: 0 })
  await trial('C3', async (c3) => {
    for (const n of c3.times(10, 300)) {
      const pids = await fill(t, 4)
      const closed = next(t.engine, 'close')
      const victim = pids[c3.between(0, 3)] ?? 0
      if (c3.random() < 0.5) await Promise.all([closed, kill(t, victim)])
      else await killAndWait(t, victim)
      const callers = [read(t), read(t), inSession(t, n), read(t)]
      await c3.outcome(Promise.all(callers), expect.any(Array))
      expect(await closed).toMatchObject({ backendPid: victim, reason: 'lost' })
    }
  })
})

test('one disconnect retires every connection that was idle at that moment (C4)', async () => {
  await using t = await setup({ size: 5, overflow: 0 })
  const pids = await fill(t, 5)
  const reasons: string[] = []
  t.engine.events.on('close', ({ reason }) => void reasons.push(reason))
  const retired = next(t.engine, 'invalidate')

  await kill(t, pids[0] ?? 0)

  expect(await retired).toMatchObject({ connections: 4, error: { sqlState: '57P01' } })
  expect(reasons.toSorted()).toEqual([
    'invalidated',
    'invalidated',
    'invalidated',
    'invalidated',
    'lost',
  ])
})

test('connections that are killed all at once are counted once, and the minimum is opened once (C4)', async () => {
  await using t = await setup({ size: 10, overflow: 0, minimum: 4 })
  await fill(t, 10)
  await t.witness(
    `select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name like 'test:%'`,
  )
  await expect.poll(() => t.engine.stats()).toMatchObject({ idle: 4, total: 4, closing: 0 })
  expect(t.engine.stats()).toMatchObject({ opened: 14, closed: 10 })
})

test('a connection that the server ends for a limit of its own retires no other (C4)', async () => {
  await using server = await temporaryServer()
  await using t = await setup({ size: 3, overflow: 0 }, { serverUrl: server.url })
  await fill(t, 3)
  await using lease = await t.engine.acquire()
  await lease.query('begin')
  await lease.query("set local transaction_timeout = '100ms'")
  await expect(lease.query('select pg_sleep(60)')).rejects.toMatchObject({ sqlState: '25P04' })
  lease.release()
  expect(t.engine.stats()).toMatchObject({ idle: 2, total: 2 })
})

const twenty = Array.from({ length: 20 }, (_, n) => n + 1)
const first = {
  session: (t: World) => Promise.all(twenty.map((id) => inSession(t, id))),
  read: (t: World) => Promise.all(twenty.map(() => read(t))),
  write: (t: World) => Promise.all(twenty.map((id) => write(t, id))),
  transaction: (t: World) =>
    Promise.all(
      twenty.map((id) =>
        t.engine.db
          .transaction()
          .execute((trx) => trx.insertInto('notes').values(note(id)).execute()),
      ),
    ),
}
const kinds = Object.keys(first) as (keyof typeof first)[]

test('after a restart of the server under an idle pool no first statement fails (C4)', async () => {
  // A crash must not lose the table.
  await using server = await temporaryServer({ settings: { synchronous_commit: 'on' } })
  await trial('C4', async (c4) => {
    for (const _ of c4.times(1, 5)) {
      for (const kind of kinds) {
        await using t = await setup({ size: 20, overflow: 0 }, { serverUrl: server.url })
        await fill(t, 20)
        await server.restart({ mode: c4.random() < 0.5 ? 'fast' : 'immediate' })
        await c4.timed(() => c4.outcome(first[kind](t), expect.any(Array)))
        if (kind !== 'read') expect(await ids(t)).toEqual(twenty)
      }
    }
  })
})

/** Nobody has told the client: its connections are dead when the statement is sent. */
const unseen: [keyof typeof first, Partial<Profile>][] = [
  ['session', {}],
  ['session', { livenessAfterMs: 0 }],
  ['transaction', {}],
  ['read', {}],
  ['read', { livenessAfterMs: 0 }],
  ['write', { livenessAfterMs: 0 }],
]

test.each(unseen)(
  'twenty first statements of kind %s on dead connections all succeed, with %j (C4)',
  async (kind, profile) => {
    await trial(`C4 unseen ${kind}`, async (c4) => {
      for (const _ of c4.times(2, 20)) {
        await using t = await setupBehindProxy({ size: 20, overflow: 0, ...profile })
        await fill(t, 20)
        t.proxy.cut()
        await c4.timed(() => c4.outcome(first[kind](t), expect.any(Array)))
        if (kind !== 'read') expect(await ids(t)).toEqual(twenty)
      }
    })
  },
)

test.each(['session', 'transaction', 'read', 'write'] as const)(
  'first statements of kind %s succeed on connections whose last words nobody has read yet (C4)',
  async (kind) => {
    await using t = await setup({ size: 20, overflow: 0 })
    await trial(`C4 unread ${kind}`, async (c4) => {
      for (const _ of c4.times(2, 50)) {
        await t.witness('truncate notes')
        await fill(t, 20)
        const ours = await t.witness(
          "select pid from pg_stat_activity where application_name like 'test:%' and datname = current_database()",
        )
        endNow(ours.map(({ pid }) => pid as number))
        await c4.outcome(first[kind](t), expect.any(Array))
        if (kind !== 'read') expect(await ids(t)).toEqual(twenty)
      }
    })
  },
)

/** Ends backends as an administrator does, before this process can read what they say. */
function endNow(pids: readonly number[]): void {
  for (const pid of pids) process.kill(pid, 'SIGTERM')
  while (pids.some(isAlive));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('a write on a connection that was heard of a moment ago fails by name instead of running twice (C4)', async () => {
  await using t = await setupBehindProxy({ size: 1, overflow: 0 })
  await write(t, 1)
  t.proxy.when({ direction: 'toClient', message: 'CommandComplete', text: /INSERT/ }, 'cut before')
  await expect(write(t, 2)).rejects.toMatchObject({
    code: 'CONNECTION_LOST',
    outcome: 'unknown',
    retryable: false,
  })
  expect(await ids(t)).toEqual([1, 2])
})

test('a raw select may write, so it is not sent twice (C4)', async () => {
  await using t = await setupBehindProxy({ size: 1, overflow: 0 })
  await t.witness('create sequence tides')
  const rise = () => sql<{ n: number }>`select nextval('tides')::int as n`.execute(t.engine.db)
  await rise()
  t.proxy.when({ direction: 'toClient', message: 'DataRow' }, 'cut before')
  await expect(rise()).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
  expect(await t.witness('select last_value::int from tides')).toEqual([{ last_value: 2 }])
})

test.each([undefined, 0])(
  'a write that its backend had begun with when it was ended is not sent twice, with preparedStatements %s (C4)',
  async (preparedStatements) => {
    await using t = await setup({
      size: 1,
      overflow: 0,
      ...(preparedStatements === 0 && { preparedStatements }),
    })
    await t.witness('create sequence tides')
    const rise = (seconds: number) =>
      sql`insert into notes select nextval('tides'), 'tide' from pg_sleep(${seconds})`.execute(
        t.engine.db,
      )
    for (const _ of [1, 2, 3]) await rise(0)
    const rising = rise(60)
    const running = () =>
      t.witness(
        "select pid from pg_stat_activity where datname = current_database() and query like 'insert into notes select%' and state = 'active'",
      )
    await expect.poll(running).toHaveLength(1)
    endNow([(await running())[0]?.pid as number])
    await expect(rising).rejects.toMatchObject({ code: 'CONNECTION_LOST', outcome: 'unknown' })
    expect(await running()).toEqual([])
    expect(await ids(t)).toEqual([1, 2, 3])
  },
)
