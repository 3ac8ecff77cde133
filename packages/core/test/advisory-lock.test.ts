import { expect, test } from 'vitest'
import { advisoryKey, type Session } from '../src/index.ts'
import {
  ids,
  meeting,
  note,
  setup,
  setupBehindProxy,
  type TestDatabaseTypes,
  type World,
} from './setup.ts'

type Unit = Session<TestDatabaseTypes>

/** Advisory locks in the database of this world, held or waited for. */
const locks = (t: World, granted: boolean) =>
  t.witness(
    `select mode from pg_locks join pg_database on pg_database.oid = pg_locks.database
     where locktype = 'advisory' and datname = current_database() and granted = $1`,
    [granted],
  )
const shownLimit = async (session: Unit) => (await session.query('show lock_timeout')).rows

/** Runs `work` while another session holds the lock `busy`. */
async function whileBusy<T>(t: World, work: () => Promise<T>): Promise<T> {
  return t.engine.session(
    async (holder) => {
      await holder.lock('busy')
      return work()
    },
    { propagation: 'new' },
  )
}

/** A session of its own beside the one that surrounds the call. */
const beside = <T>(t: World, work: (session: Unit) => Promise<T>) =>
  t.engine.session(work, { propagation: 'new' })

test('a lock keeps others out until its transaction ends', async () => {
  await using t = await setup()
  const order: string[] = []
  const taken = Promise.withResolvers<void>()
  const first = t.engine.session(async (session) => {
    await session.lock(['invoice', 42])
    taken.resolve()
    await expect.poll(() => locks(t, false)).toHaveLength(1)
    order.push('first')
  })
  await taken.promise
  await t.engine.session(async (session) => {
    await session.lock(['invoice', 42])
    order.push('second')
  })
  await first
  expect(order).toEqual(['first', 'second'])
  expect(await locks(t, true)).toEqual([])
})

test('tryLock answers at once whether the lock is held', async () => {
  await using t = await setup()
  await whileBusy(t, async () => {
    expect(await beside(t, (session) => session.tryLock('busy'))).toBe(false)
    expect(await beside(t, (session) => session.tryLock('free'))).toBe(true)
  })
  expect(await t.engine.session((session) => session.tryLock('busy'))).toBe(true)
  expect(await locks(t, true)).toEqual([])
  expect(t.engine.stats().closed).toBe(0)
})

test('holders that share a lock exclude only those who do not', async () => {
  await using t = await setup()
  await t.engine.session(async (holder) => {
    await holder.lock('shared', { shared: true })
    const tries = await beside(t, async (session) => [
      await session.tryLock('shared', { shared: true }),
      await session.tryLock('shared'),
    ])
    expect(tries).toEqual([true, false])
  })
})

test('a wait that is too long is a typed error, and the session goes on as before', async () => {
  await using t = await setup()
  await whileBusy(t, () =>
    beside(t, async (session) => {
      await session.db.insertInto('notes').values(note(1)).execute()
      await session.query("set local lock_timeout = '1700ms'")
      const waiting = session.lock('busy', { timeoutMs: 20 })
      await expect(waiting).rejects.toMatchObject({
        code: 'LOCK_TIMEOUT',
        kind: 'timeout',
        cause: { sqlState: '55P03' },
      })
      expect(await shownLimit(session)).toEqual([{ lock_timeout: '1700ms' }])
      await session.db.insertInto('notes').values(note(2)).execute()
    }),
  )
  expect(await ids(t)).toEqual([1, 2])
})

test('a lock that was free in time is held, and lock_timeout is what it was', async () => {
  await using t = await setup()
  await t.engine.session(async (session) => {
    await session.lock('free', { timeoutMs: 1_000 })
    expect(await shownLimit(session)).toEqual([{ lock_timeout: '2s' }])
    expect(await locks(t, true)).toHaveLength(1)
  })
})

test('a lock with a limit travels in one flight, BEGIN included', async () => {
  await using t = await setupBehindProxy({ size: 1, overflow: 0 })
  await t.engine.session((session) => session.query('select 1'))
  using recording = t.proxy.record()
  await t.engine.session((session) => session.lock('free', { timeoutMs: 1_000 }))
  expect(recording.counts).toMatchObject({ flights: 2, statements: 8 })
})

test('statements that were issued beside a wait are not lost with it', async () => {
  await using t = await setup()
  await whileBusy(t, () =>
    beside(t, async (session) => {
      const [waiting, insert] = await Promise.allSettled([
        session.lock('busy', { timeoutMs: 20 }),
        session.db.insertInto('notes').values(note(1)).execute(),
      ])
      expect([waiting.status, insert.status]).toEqual(['rejected', 'fulfilled'])
    }),
  )
  expect(await ids(t)).toEqual([1])
})

test('without a limit the lock_timeout of the profile holds, and the unit is lost', async () => {
  await using t = await setup({ lockTimeoutMs: 20 })
  const unit = whileBusy(t, () =>
    beside(t, async (session) => {
      await session.db.insertInto('notes').values(note(1)).execute()
      await session.lock('busy').catch(() => {})
    }),
  )
  await expect(unit).rejects.toMatchObject({
    code: 'COMMIT_ROLLED_BACK',
    cause: { code: 'LOCK_TIMEOUT' },
  })
  expect(await ids(t)).toEqual([])
})

test('two that wait for each other end in a typed deadlock for one of them', async () => {
  await using t = await setup()
  const both = meeting(2)
  const take = (first: string, second: string) =>
    t.engine.session(async (session) => {
      await session.lock(first)
      await both()
      await session.lock(second)
    })
  const outcomes = await Promise.allSettled([take('one', 'two'), take('two', 'one')])
  const failed = outcomes.filter((outcome) => outcome.status === 'rejected')
  expect(failed).toMatchObject([{ reason: { code: 'DEADLOCK_DETECTED', kind: 'deadlock' } }])
})

test('a lock of a savepoint is given back when that is rolled back', async () => {
  await using t = await setup()
  await t.engine.session(async (session) => {
    await session
      .savepoint(async (inner) => {
        await session.lock('inner', { timeoutMs: 1_000 })
        await inner.lock('other')
        expect(await locks(t, true)).toHaveLength(2)
        throw new Error('undo')
      })
      .catch(() => {})
    expect(await locks(t, true)).toEqual([])
  })
})

test('an autocommit session refuses locks by name', async () => {
  await using t = await setup()
  const refused = { code: 'LOCK_AUTOCOMMIT', kind: 'usage' }
  await t.engine.session(
    async (session) => {
      await expect(session.lock('any')).rejects.toMatchObject(refused)
      await expect(session.lock('any', { timeoutMs: 5 })).rejects.toMatchObject(refused)
      await expect(session.tryLock('any')).rejects.toMatchObject(refused)
    },
    { mode: 'autocommit' },
  )
})

test('limits that the server cannot count, and names of nothing, are refused by name', async () => {
  await using t = await setup()
  await t.engine.session(async (session) => {
    for (const timeoutMs of [0, -1, 1.5, Number.POSITIVE_INFINITY, Number.NaN])
      await expect(session.lock('any', { timeoutMs })).rejects.toMatchObject({
        code: 'LOCK_TIMEOUT_INVALID',
      })
    for (const name of ['', [], ['a', ''], ['a', 0.5], ['\ud800']])
      await expect(session.tryLock(name)).rejects.toMatchObject({ code: 'LOCK_NAME' })
  })
})

test('a key is what its description says, so that SQL can compute it too', async () => {
  await using t = await setup()
  const [row] = await t.witness(
    `select ('x' || left(encode(sha256(
       int4send(7) || convert_to('invoice', 'UTF8') || int4send(2) || convert_to('42', 'UTF8')
     ), 'hex'), 16))::bit(64)::bigint as key`,
  )
  expect(String(advisoryKey(['invoice', 42]))).toBe(row?.key)
  expect(advisoryKey(['invoice', '42'])).toBe(advisoryKey(['invoice', 42n]))
  expect(advisoryKey('a')).toBe(advisoryKey(['a']))
  expect(advisoryKey(['ab', 'c'])).not.toBe(advisoryKey(['a', 'bc']))
  expect(advisoryKey('nightly')).toBe(253_309_722_028_903_368n)
})
