import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { PoolEvents } from '../src/index.ts'
import { next, setup, type World } from './setup.ts'

/** Everything that is told of long transactions from now on. */
function heard(t: World): PoolEvents['longTransaction'][] {
  const events: PoolEvents['longTransaction'][] = []
  t.engine.events.on('longTransaction', (event) => events.push(event))
  return events
}

/** A session that stays open until it is told of. */
const untilTold = (t: World) =>
  t.engine.session(
    async (session) => {
      const told = next(t.engine, 'longTransaction')
      const { rows } = await session.query<{ pid: number }>('select pg_backend_pid() as pid')
      return { event: await told, pid: rows[0]?.pid, open: session.open }
    },
    { propagation: 'new' },
  )

test('a transaction that is open for too long is told of while it is open, with its place', async () => {
  await using t = await setup({ longTransactionMs: 20 })
  const { event, pid, open } = await untilTold(t)
  expect(open).toBe(true)
  expect(event.backendPid).toBe(pid)
  expect(event.openMs).toBeGreaterThan(20)
  expect(event.takenAt).toContain('long-transaction.test.ts')
})

test('each unit is told of once', async () => {
  await using t = await setup({ longTransactionMs: 20 })
  const events = heard(t)
  const pids = await t.engine.session(async (session) => {
    const told = next(t.engine, 'longTransaction')
    await session.query('select 1')
    const first = await told
    return [first.backendPid, (await untilTold(t)).pid, (await untilTold(t)).pid]
  })
  expect(events.map(({ backendPid }) => backendPid)).toEqual(pids)
})

test('a unit that has ended in time is not told of, nor one that has sent nothing', async () => {
  await using t = await setup({ longTransactionMs: 200, size: 2, overflow: 0 })
  const events = heard(t)
  await t.engine.session((session) => session.query('select 1'))
  await t.engine.session((session) => session.query('select broken')).catch(() => {})
  // Keeps their connection, so that the next unit has another one.
  await using held = await t.engine.acquire()
  const told = await t.engine.session(() => untilTold(t))
  expect(told.pid).not.toBe(held.backendPid)
  expect(events.map(({ backendPid }) => backendPid)).toEqual([told.pid])
})

test("Kysely's own transactions are told of too, and each of one connection", async () => {
  await using t = await setup({ longTransactionMs: 20, size: 1, overflow: 0 })
  const told = () =>
    t.engine.db.transaction().execute(async (trx) => {
      const event = next(t.engine, 'longTransaction')
      await sql`select 1`.execute(trx)
      return (await event).takenAt
    })
  expect(await told()).toContain('long-transaction.test.ts')
  await t.engine.db.connection().execute(async () => {
    await told()
    await told()
  })
})
