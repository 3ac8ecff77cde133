import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { temporaryServer, testPgBouncer } from '@aquifer/embedded'
import { Hono } from 'hono'
import { sql } from 'kysely'
import { expect, inject, test } from 'vitest'
import { type SessionVariables, sessionPerRequest } from '../../src/hono/index.ts'
import { Deadline, type Profile } from '../../src/index.ts'
import {
  ids,
  note,
  setup,
  setupBehindProxy,
  sleeps,
  type TestDatabaseTypes,
  type World,
} from '../setup.ts'
import { trial } from './trial.ts'

const read = (t: World) => t.engine.db.selectFrom('notes').select('id').limit(1).execute()

const cancelled = expect.objectContaining({ code: 'CANCELLED' })
const timedOut = expect.objectContaining({ code: 'DEADLINE_EXCEEDED' })

/** Sleeps for a minute on the server, unless it is called off. */
const sleepLong = (t: World, signal: AbortSignal) =>
  sql`select pg_sleep(60)`.execute(t.engine.db, { signal })

/** Resolves when no sleeper is left on the server. */
const awake = (t: World) =>
  expect
    .poll(
      () =>
        t.witness(
          `select from pg_stat_activity where datname = current_database()
           and query like 'select pg_sleep(60)%' and state = 'active'`,
        ),
      { interval: 5 },
    )
    .toEqual([])

test('after a deadline of one caller the next five are served, and nothing runs on the server (T1)', async () => {
  await using t = await setup({ size: 1, overflow: 0 })
  await trial('T1', async (t1) => {
    for (const _ of t1.times(3, 50)) {
      const unit = t.engine.session(() => sleepLong(t, new AbortController().signal), {
        mode: 'autocommit',
        deadline: Deadline.after(40),
      })
      await t1.outcome(unit, timedOut)
      const callers = [1, 2, 3, 4, 5].map(() => t1.timed(() => t1.outcome(read(t), []), 200))
      await Promise.all(callers)
      await awake(t)
    }
  })
})

test('a statement that was given up inside a transaction cannot be committed, though its error was swallowed (T2)', async () => {
  await using t = await setup({ size: 2, overflow: 0 })
  await trial('T2', async (t2) => {
    for (const n of t2.times(4, 100)) {
      const stop = new AbortController()
      const byDeadline = t2.random() < 0.5
      const unit = t.engine.session(
        async ({ db }) => {
          await db.insertInto('notes').values(note(n)).execute()
          const insert = sql`insert into notes select ${-n}, 'x' from pg_sleep(60)`.execute(db, {
            signal: stop.signal,
          })
          await t2.moment(10)
          if (!byDeadline) stop.abort()
          await insert.catch(() => {})
          await db
            .insertInto('notes')
            .values(note(n + 1_000))
            .execute()
            .catch(() => {})
        },
        byDeadline ? { deadline: Deadline.after(30) } : {},
      )
      await t2.outcome(unit, expect.objectContaining({ kind: expect.any(String) }))
      await t2.outcome(ids(t), [])
    }
  })
})

test('the same holds if the statement had succeeded and only its answer was late (T2)', async () => {
  await using t = await setupBehindProxy({ size: 1, overflow: 0 })
  await trial('T2 late', async (t2) => {
    for (const n of t2.times(3, 100)) {
      const stop = new AbortController()
      const unit = t.engine.session(async ({ db }) => {
        await db.selectFrom('notes').select('id').execute()
        const hold = t.proxy.when(
          { direction: 'toClient', message: 'CommandComplete', text: /INSERT/ },
          'hold',
        )
        const insert = db.insertInto('notes').values(note(n)).execute({ signal: stop.signal })
        const ended = t2.outcome(insert, cancelled)
        await hold.fired
        stop.abort()
        await ended
        hold.release()
      })
      await t2.outcome(unit, expect.objectContaining({ code: 'COMMIT_ROLLED_BACK' }))
      await t2.outcome(ids(t), [])
    }
  })
})

test('an abort ends the statement on the server, and no innocent one is ever cancelled (T3)', async () => {
  await using t = await setup({
    size: 3,
    overflow: 0,
    acquireTimeoutMs: 20_000,
    deadlineMs: 30_000,
  })
  await trial('T3', async (t3) => {
    let running = true
    const innocents = [1, 2, 3].map(async () => {
      while (running) await t3.outcome(sql`select pg_sleep(0.01)`.execute(t.engine.db), anyRows)
    })
    const guilty = Array.from(t3.times(60, 2_000), (n) => n)
    const abort = async () => {
      for (let n = guilty.pop(); n !== undefined; n = guilty.pop()) {
        const stop = new AbortController()
        const caller = sleepLong(t, stop.signal)
        const ended = t3.outcome(caller, cancelled)
        await t3.moment(20)
        stop.abort()
        await ended
      }
    }
    await Promise.all([abort(), abort(), abort()])
    running = false
    await Promise.all(innocents)
    await awake(t)
  })
})

test('a statement that was aborted a moment before its answer costs the next caller nothing (T3)', async () => {
  await using t = await setup({ size: 1, overflow: 0 })
  await trial('T3 race', async (t3) => {
    for (const _ of t3.times(150, 3_000)) {
      const stop = new AbortController()
      const brief = sql`select pg_sleep(0.001)`.execute(t.engine.db, { signal: stop.signal })
      const ended = brief.catch((error) => t3.outcome(Promise.reject(error), cancelled))
      const innocent = t3.outcome(sql`select pg_sleep(0.002)`.execute(t.engine.db), anyRows)
      await t3.moment(4)
      stop.abort()
      await Promise.all([ended, innocent])
    }
  })
})

const anyRows = expect.objectContaining({ rows: expect.any(Array) })

test('an abort in the breath of its statement, on a connection that was just opened, keeps the connection (T3)', async () => {
  await using t = await setup({ size: 1, overflow: 0 })
  await trial('T3 at once', async (t3) => {
    for (const _ of t3.times(60, 1_000)) {
      const lease = await t.engine.acquire()
      const stop = new AbortController()
      const statement = lease.query('select pg_sleep(60)', [], { signal: stop.signal })
      const ended = t3.outcome(statement, cancelled)
      stop.abort()
      await ended
      lease.release()
      const next = await t3.timed(() => t.engine.acquire(), 200)
      if (next.backendPid !== lease.backendPid) t3.violation('the connection was closed')
      next.release('destroy')
    }
  })
})

test('who shares a connection does not fail because another one gives up, while it is opened or later (T3)', async () => {
  await trial('T3 shared', async (t3) => {
    for (const _ of t3.times(4, 100)) {
      await using t = await setup({ size: 2, overflow: 0, multiplex: { connections: 1 } })
      const held = await t.engine.acquire()
      for (const opening of [true, false, false]) {
        const stop = new AbortController()
        const guilty = t.engine.db.selectFrom('notes').select('id').execute({ signal: stop.signal })
        const ended = guilty.catch((error) => t3.outcome(Promise.reject(error), cancelled))
        const innocents = [1, 2, 3].map(() => t3.outcome(read(t), []))
        if (!opening) await t3.moment(2)
        stop.abort()
        await ended
        held.release()
        await Promise.all(innocents)
      }
    }
  })
})

test('an aborted statement is gone from the server (T3)', async () => {
  await using t = await setup({ size: 2, overflow: 0 })
  await trial('T3 gone', (t3) => cancelsIn(t, t3))
})

/** Aborts sleeping statements and looks at the server until they are gone. */
async function cancelsIn(t: World, row: Parameters<Parameters<typeof trial>[1]>[0]) {
  for (const _ of row.times(3, 50)) {
    const stop = new AbortController()
    const ended = row.outcome(sleepLong(t, stop.signal), cancelled)
    await sleeps(t)
    stop.abort()
    await row.timed(() => awake(t), 200)
    await ended
    await row.outcome(read(t), [])
  }
}

test('cancelling needs no free connection of the server (T4)', async () => {
  const settings = { max_connections: '6', superuser_reserved_connections: '0' }
  await using server = await temporaryServer({ settings })
  await using t = await setup(
    { size: 10, overflow: 0, acquireTimeoutMs: 10_000 },
    { serverUrl: server.url },
  )
  const held = await Promise.all([1, 2, 3, 4].map(() => t.engine.acquire()))
  const full = new Promise((resolve) => t.engine.events.on('connectFailed', resolve))
  await trial('T4 full', async (t4) => {
    for (const _ of t4.times(2, 30)) {
      const stop = new AbortController()
      const ended = t4.outcome(sleepLong(t, stop.signal), cancelled)
      const waiter = new AbortController()
      const crowd = Promise.allSettled(
        [1, 2].map(() => t.engine.acquire({ signal: waiter.signal })),
      )
      await full
      await sleeps(t)
      stop.abort()
      await t4.timed(() => awake(t), 200)
      await ended
      waiter.abort()
      for (const one of await crowd) if (one.status === 'fulfilled') one.value.release()
    }
  })
  for (const lease of held) lease.release()
})

test('a statement over TLS is cancelled over TLS (T4)', async () => {
  await using server = await temporaryServer({ tls: true })
  const tls = { ca: server.ca, servername: 'localhost' } as Profile['tls']
  const profile = { size: 2, overflow: 0, ...(tls && { tls }) }
  await using t = await setupBehindProxy(profile, { serverUrl: server.url })
  using recording = t.proxy.record()
  await trial('T4 tls', (t4) => cancelsIn(t, t4))
  expect(new Set(recording.lines())).toEqual(new Set(['> SSLRequest', '< EncryptionResponse S']))
})

test('a statement over a Unix socket is cancelled over it (T4)', async () => {
  await using server = await temporaryServer({ unixSocket: true })
  await using t = await setup(
    { size: 2, overflow: 0, ...(server.socketUrl && { url: server.socketUrl }) },
    { serverUrl: server.url },
  )
  await trial('T4 socket', async (t4) => {
    for (const _ of t4.times(3, 50)) {
      const stop = new AbortController()
      const ended = t4.outcome(sleepLong(t, stop.signal), cancelled)
      const anywhere =
        "select from pg_stat_activity where query like 'select pg_sleep(60)%' and state = 'active'"
      await expect.poll(() => t.witness(anywhere)).toHaveLength(1)
      stop.abort()
      await t4.timed(() => awake(t), 200)
      await ended
    }
  })
})

const pgbouncer = await testPgBouncer(inject('databaseUrl'))
await pgbouncer?.stop()

test.skipIf(pgbouncer === undefined)(
  'a statement behind PgBouncer is cancelled through it (T4)',
  async () => {
    await using t = await setup()
    await using bouncer = await testPgBouncer(t.url)
    const url = bouncer?.url() ?? ''
    await using behind = await setup({ url, pooler: 'transaction', size: 2, overflow: 0 })
    await trial('T4 pgbouncer', async (t4) => {
      for (const _ of t4.times(3, 50)) {
        const stop = new AbortController()
        const ended = t4.outcome(sleepLong(behind, stop.signal), cancelled)
        await sleeps(t)
        stop.abort()
        await t4.timed(() => awake(t), 200)
        await ended
        await t4.outcome(sql`select 1 as one`.execute(behind.engine.db), anyRows)
      }
    })
  },
)

test('a caller that gives up leaves the queue at once, whatever it waits for (T5)', async () => {
  await using t = await setup({ size: 1, overflow: 0 })
  await trial('T5', async (t5) => {
    for (const n of t5.times(5, 200)) {
      const held = await t.engine.acquire()
      const stop = new AbortController()
      const { signal } = stop
      const waiting = [
        t.engine.acquire({ signal }),
        t.engine.db.selectFrom('notes').select('id').execute({ signal }),
        t.engine.session(({ db }) => db.insertInto('notes').values(note(n)).execute(), { signal }),
        t.engine.session(({ db }) => db.selectFrom('notes').select('id').execute(), {
          signal,
          mode: 'autocommit',
        }),
      ].map((one) => t5.timed(() => t5.outcome(one, cancelled)))
      await expect.poll(() => t.engine.stats().waiting).toBe(4)
      stop.abort()
      await Promise.all(waiting)
      expect(t.engine.stats()).toMatchObject({ waiting: 0, inUse: 1 })
      held.release()
      await t5.outcome(read(t), [])
    }
  })
})

test('a caller that gives up during BEGIN is free at once, and its transaction is rolled back (T5)', async () => {
  await using t = await setupBehindProxy({ size: 1, overflow: 0 })
  await read(t)
  const hold = t.proxy.when(
    { direction: 'toClient', message: 'CommandComplete', text: /BEGIN/ },
    'hold',
  )
  const stop = new AbortController()
  const unit = t.engine.session(({ db }) => db.insertInto('notes').values(note(1)).execute(), {
    signal: stop.signal,
  })
  const ended = expect(unit).rejects.toMatchObject({ code: 'CANCELLED', outcome: 'rolledBack' })
  await hold.fired
  stop.abort()
  await ended
  expect(hold.times).toBe(1)
  hold.release()
  await read(t)
  expect(await ids(t)).toEqual([])
})

/** A real server, whose requests end when their client goes away. */
async function serve(t: World): Promise<{ url: string } & AsyncDisposable> {
  const app = new Hono<{ Variables: SessionVariables<TestDatabaseTypes> }>()
  app.use(sessionPerRequest(t.engine))
  app.onError((_error, c) => c.body(null, 500))
  app.all('/sleep', async (c) => {
    await c.var.db.selectFrom('notes').select('id').execute()
    await sql`select pg_sleep(60)`.execute(c.var.db)
    return c.body(null, 200)
  })
  const server: Server = createServer(async (request, response) => {
    const gone = new AbortController()
    response.on('close', () => gone.abort())
    const answer = await app.request(request.url ?? '/', {
      method: request.method ?? 'GET',
      signal: gone.signal,
    })
    response.writeHead(answer.status).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/sleep`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

test.each(['GET', 'POST'])(
  'when the client of a %s goes away its statement ends and the lease is back (T6)',
  async (method) => {
    await using t = await setup({ size: 1, overflow: 0 })
    await using web = await serve(t)
    await trial(`T6 ${method}`, async (t6) => {
      for (const _ of t6.times(3, 50)) {
        const leave = new AbortController()
        const request = fetch(web.url, { method, signal: leave.signal })
        const left = t6.outcome(request, expect.objectContaining({ name: 'AbortError' }))
        await sleeps(t)
        leave.abort()
        await left
        await t6.timed(() => t6.outcome(read(t), []), 200)
        await awake(t)
        expect(t.engine.stats().inUse).toBe(0)
      }
    })
  },
)
