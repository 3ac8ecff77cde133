import { sql } from 'kysely'
import { expect, inject, test, vi } from 'vitest'
import { type MigrationEvent, upgrade } from '../src/index.ts'
import { revision, setup, type World } from './setup.ts'

const alter = (transaction: boolean) =>
  revision('aa', {
    transaction,
    up: async (db) => {
      await sql`create table if not exists first ()`.execute(db)
      await sql`alter table things add column name text`.execute(db)
    },
  })

/** A table, somebody who reads it in a transaction that stays open, and a deployer who soon gives up a lock. */
async function world() {
  const t = await setup()
  await t.witness('create table things (id integer)')
  const lease = await t.deployer('reader').acquire()
  await lease.query('begin')
  await lease.query('select * from things')
  return {
    t,
    readerPid: lease.backendPid,
    engine: t.deployer('test', { lockTimeoutMs: 300 }),
    endReader: async () => {
      await lease.query('commit')
      lease.release()
    },
    [Symbol.asyncDispose]: async () => {
      lease.release('destroy')
      await t[Symbol.asyncDispose]()
    },
  }
}

const columns = (t: World) =>
  t.witness(`select attname from pg_attribute where attrelid = 'things'::regclass and attnum > 0`)

test.each([true, false])(
  'M3: behind a long reader it waits for lock_timeout, lets the others through, and tries again (transaction: %s)',
  async (transaction) => {
    await using w = await world()
    const events: MigrationEvent[] = []
    const stalledMs: number[] = []
    let stalled: Promise<void> | undefined

    const result = await upgrade(w.engine, [alter(transaction)], {
      lockPauseMs: 1,
      onEvent: (event) => {
        events.push(event)
        // From now on whoever reads stands behind us, until we give up the lock.
        if (event.event === 'blocked') {
          const startedAt = performance.now()
          stalled = w.t.witness('select * from things').then(() => {
            stalledMs.push(performance.now() - startedAt)
          })
        }
        if (event.event === 'retrying' && event.attempt === 2) void w.endReader()
      },
    })
    await stalled

    expect(result.heads).toEqual(['aa'])
    expect(await columns(w.t)).toHaveLength(2)
    expect(events.find(({ event }) => event === 'blocked')).toMatchObject({
      id: 'aa',
      by: [
        {
          pid: w.readerPid,
          applicationName: 'reader:migrations@0',
          state: 'idle in transaction',
          since: expect.any(Date),
        },
      ],
    })
    expect(events.find(({ event }) => event === 'retrying')).toMatchObject({
      attempt: 1,
      attempts: 10,
      by: [{ pid: w.readerPid }],
    })
    expect(stalledMs.length).toBeGreaterThan(0)
    if (inject('faultProfile') === 'long') expect(Math.max(...stalledMs)).toBeLessThan(300 + 100)
  },
)

test('a revision that wraps what the server said is tried again all the same', async () => {
  await using w = await world()
  const wrapping = revision('aa', {
    up: async (db) => {
      await alter(true)
        .up(db)
        .catch((cause: unknown) => {
          throw new Error('the name could not be added', { cause })
        })
    },
  })
  const result = await upgrade(w.engine, [wrapping], {
    lockPauseMs: 1,
    onEvent: ({ event }) => {
      if (event === 'retrying') void w.endReader()
    },
  })
  expect(result.heads).toEqual(['aa'])
})

test('after the last attempt it gives up, leaves nothing behind and names who was in the way', async () => {
  await using w = await world()
  const failed = upgrade(w.engine, [alter(true)], { lockAttempts: 2, lockPauseMs: 1 })
  await expect(failed).rejects.toMatchObject({
    code: 'REVISION_FAILED',
    outcome: 'rolledBack',
    retryable: true,
    sqlState: '55P03',
    message: expect.stringMatching(
      new RegExp(
        `at each of 2 attempts: held by pid ${w.readerPid} \\(reader:migrations@0 as \\w+, idle in transaction since .*\\); ` +
          `wait for it, or end it with: select pg_terminate_backend\\(${w.readerPid}\\)\\. It was rolled back; run the command again`,
      ),
    ),
  })
  expect(await w.t.tables()).toEqual(['things'])
})

test('a signal that fires in a pause ends it', async () => {
  await using w = await world()
  const controller = new AbortController()
  const stopped = upgrade(w.engine, [alter(true)], {
    lockPauseMs: 60_000,
    signal: controller.signal,
    onEvent: ({ event }) => {
      if (event === 'retrying') controller.abort()
    },
  })
  await expect(stopped).rejects.toMatchObject({ code: 'CANCELLED' })
})

test('a concurrent build waits for older transactions as long as it takes', async () => {
  await using w = await world()
  const build = revision('aa', {
    transaction: false,
    up: async (db) => {
      await sql`create index concurrently things_id on things (id)`.execute(db)
      expect((await sql`show lock_timeout`.execute(db)).rows).toEqual([{ lock_timeout: '300ms' }])
    },
  })
  const old = await w.t.deployer('writer').acquire()
  await old.query('begin')
  await old.query('insert into things values (1)')
  const events: string[] = []
  await upgrade(w.engine, [build], {
    lockAttempts: 1,
    onEvent: async ({ event }) => {
      events.push(event)
      if (event !== 'blocked') return
      await vi.waitFor(async () => {
        const waits = `select from pg_stat_activity where wait_event = 'virtualxid'
          and datname = current_database() and clock_timestamp() - query_start > '300 ms'`
        expect(await w.t.witness(waits)).toHaveLength(1)
      }, 10_000)
      await w.endReader()
      await old.query('commit')
      old.release()
    },
  })
  expect(events).toContain('blocked')
  expect(
    await w.t.witness(`select indisvalid from pg_index where indrelid = 'things'::regclass`),
  ).toEqual([{ indisvalid: true }])
})
