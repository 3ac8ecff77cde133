import { temporaryServer } from '@aquifer/embedded'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { isAquiferError } from '../../src/index.ts'
import { type ProxiedWorld, setupBehindProxy } from '../setup.ts'
import { type Trial, trial } from './trial.ts'

const ACCOUNTS = 8
const WORKERS = 16
const BALANCE = 1_000

/** What the callers of one bank were told. */
interface History {
  readonly acknowledged: Set<string>
  readonly refused: Set<string>
  readonly unknown: Set<string>
}

async function openBank(t: ProxiedWorld): Promise<void> {
  await t.witness('create table accounts (id int primary key, balance int not null)')
  // No key on it: what is applied twice has to show.
  await t.witness('create table transfers (operation text not null)')
  await t.witness(`insert into accounts select n, $1 from generate_series(1, ${ACCOUNTS}) n`, [
    BALANCE,
  ])
}

/** Moves money between two accounts, always in one order of locks, and notes the operation. */
function transfer(t: ProxiedWorld, operation: string, from: number, to: number): Promise<void> {
  return t.engine.transaction(
    async ({ db }) => {
      const changes = [
        [from, -1],
        [to, 1],
      ].sort(([a = 0], [b = 0]) => a - b)
      for (const [id, amount] of changes)
        await sql`update accounts set balance = balance + ${amount} where id = ${id}`.execute(db)
      await sql`insert into transfers values (${operation})`.execute(db)
    },
    { retry: true },
  )
}

async function work(
  t: ProxiedWorld,
  row: Trial,
  history: History,
  operations: Iterable<string>,
): Promise<void> {
  for (const operation of operations) {
    const from = row.between(1, ACCOUNTS)
    const to = (from % ACCOUNTS) + 1
    try {
      await transfer(t, operation, from, to)
      history.acknowledged.add(operation)
    } catch (error) {
      if (!isAquiferError(error)) row.violation(`an untyped error: ${error}`)
      else (error.outcome === 'unknown' ? history.unknown : history.refused).add(operation)
    }
  }
}

/** Holds what the callers were told against what the tables say. */
async function audit(t: ProxiedWorld, row: Trial, history: History): Promise<void> {
  const applied = new Map<string, number>()
  for (const { operation, times } of await t.witness(
    'select operation, count(*)::int as times from transfers group by operation',
  ))
    applied.set(operation as string, times as number)
  for (const [operation, times] of applied)
    if (times !== 1) row.violation(`${operation} was applied ${times} times`)
  for (const operation of history.acknowledged)
    if (!applied.has(operation)) row.violation(`${operation} was acknowledged and is not there`)
  for (const operation of history.refused)
    if (applied.has(operation)) row.violation(`${operation} was refused and is there`)
  const [sum] = await t.witness('select sum(balance)::int as sum from accounts')
  if (sum?.sum !== ACCOUNTS * BALANCE) row.violation(`the sum is ${sum?.sum}`)
  row.number('acknowledged', history.acknowledged.size)
  row.number('refused', history.refused.size)
  row.number('unknown', history.unknown.size)
}

const KILL = `select pg_terminate_backend(pid) from pg_stat_activity
  where application_name like 'test:%' and datname = current_database() order by random() limit 1`

async function run(
  t: ProxiedWorld,
  row: Trial,
  operations: number,
  harm: (row: Trial) => Promise<unknown>,
): Promise<void> {
  await openBank(t)
  const history = { acknowledged: new Set(), refused: new Set(), unknown: new Set() } as History
  let isOver = false
  const harming = (async () => {
    while (!isOver) {
      await row.moment(row.long ? 20 : 15)
      await harm(row)
    }
  })()
  const workers = Array.from({ length: WORKERS }, (_, worker) => {
    const own = Array.from({ length: operations }, (_, n) => `${worker}-${n}`)
    return work(t, row, history, own)
  })
  await Promise.all(workers)
  isOver = true
  await harming
  await t.proxy.heal()
  await audit(t, row, history)
}

test('through kills and cuts every acknowledged transfer is there once and no other ever (S11)', async () => {
  await using t = await setupBehindProxy({ size: 8, overflow: 4, acquireTimeoutMs: 5_000 })
  await trial('S11 kills and cuts', async (s11) => {
    for (const _ of s11.times(1, 1)) {
      await run(t, s11, s11.long ? 2_000 : 25, async () => {
        if (s11.random() < 0.5) t.proxy.cut()
        else await t.witness(KILL)
      })
    }
  })
})

test('the same holds while COMMIT is what is cut (S11)', async () => {
  await using t = await setupBehindProxy({ size: 8, overflow: 4, acquireTimeoutMs: 5_000 })
  await trial('S11 cut commits', async (s11) => {
    for (const _ of s11.times(1, 1)) {
      await run(t, s11, s11.long ? 700 : 15, async () => {
        const reply = { direction: 'toClient', message: 'CommandComplete', text: /COMMIT/ } as const
        const rule = t.proxy.when(reply, s11.random() < 0.5 ? 'cut before' : 'cut within')
        await s11.moment(20)
        rule.cancel()
      })
    }
  })
})

test('the same holds while the server crashes and comes back (S11)', async () => {
  await using server = await temporaryServer({ settings: { synchronous_commit: 'on' } })
  await using t = await setupBehindProxy(
    { size: 8, overflow: 4, acquireTimeoutMs: 5_000 },
    { serverUrl: server.url },
  )
  await trial('S11 crashes', async (s11) => {
    for (const _ of s11.times(1, 1)) {
      await run(t, s11, s11.long ? 2_000 : 150, async () => {
        await s11.moment(s11.long ? 600 : 300)
        await server.restart({ mode: 'immediate' })
      })
    }
  })
  expect(t.engine.stats().inUse).toBe(0)
})
