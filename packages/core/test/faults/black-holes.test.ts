import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { temporaryServer } from '@aquifer/embedded'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { Deadline } from '../../src/index.ts'
import { note, setup, setupBehindProxy, sleeps, type World } from '../setup.ts'
import { trial } from './trial.ts'

const timedOut = expect.objectContaining({ code: 'DEADLINE_EXCEEDED' })

const read = (t: World) => t.engine.db.selectFrom('notes').select('id').limit(1).execute()

const DEADLINE_MS = 300

test('a statement whose packets vanish ends at its deadline, and the next caller is served on another connection (C5)', async () => {
  await trial('C5', async (c5) => {
    for (const _ of c5.times(2, 20)) {
      await using t = await setupBehindProxy({ size: 1, overflow: 0 })
      const { pid } = await pidOf(t)
      const unit = c5.timed(
        () =>
          t.engine.session(({ db }) => sql`select pg_sleep(60)`.execute(db), {
            deadline: Deadline.after(DEADLINE_MS),
          }),
        DEADLINE_MS + 250,
      )
      const ended = c5.outcome(unit, timedOut)
      await sleeps(t)
      t.proxy.blackHole({ future: false })
      await ended
      expect((await pidOf(t)).pid).not.toBe(pid)
    }
  })
})

test('a shared connection whose packets vanish is replaced once its answers are overdue (C5)', async () => {
  await using t = await setupBehindProxy({
    size: 1,
    overflow: 1,
    statementTimeoutMs: 200,
    lockTimeoutMs: 100,
    acquireTimeoutMs: 7_000,
    multiplex: { connections: 1 },
  })
  await trial('C5 shared', async (c5) => {
    for (const _ of c5.times(1, 10)) {
      // The end of the last one throws doubt on its successor, which is replaced too.
      await c5.outcome(read(t), [])
      await expect.poll(() => t.engine.stats(), { timeout: 7_000 }).toMatchObject({ total: 1 })
      t.proxy.blackHole({ future: false })
      const callers = [1, 2, 3].map(() => {
        const unit = () =>
          t.engine.session(() => read(t), {
            mode: 'autocommit',
            deadline: Deadline.after(DEADLINE_MS),
          })
        return c5.outcome(c5.timed(unit, DEADLINE_MS + 250), timedOut)
      })
      await Promise.all(callers)
      await c5.outcome(read(t), [])
      await expect.poll(() => t.engine.stats(), { timeout: 7_000 }).toMatchObject({ total: 1 })
    }
  })
})

async function pidOf(t: World): Promise<{ pid: number }> {
  const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(t.engine.db)
  return rows[0] as { pid: number }
}

const first = {
  session: (t: World, id: number) =>
    t.engine.session(({ db }) => db.insertInto('notes').values(note(id)).execute()),
  read,
  write: (t: World, id: number) => t.engine.db.insertInto('notes').values(note(id)).execute(),
  lease: async (t: World) => {
    await using lease = await t.engine.acquire()
    await lease.query('select 1')
  },
}
const kinds = Object.keys(first) as (keyof typeof first)[]

test('callers are served inside their deadline although every idle connection has gone silent (C6)', async () => {
  await trial('C6', async (c6) => {
    for (const _ of c6.times(1, 10)) {
      await using t = await setupBehindProxy({ size: 8, overflow: 0, livenessAfterMs: 0 })
      const leases = await Promise.all(Array.from({ length: 8 }, () => t.engine.acquire()))
      for (const lease of leases) lease.release()
      t.proxy.blackHole({ future: false })
      const callers = [0, 1, 2, 3, 4, 5, 6, 7].map((n) => {
        const kind = kinds[n % kinds.length] as keyof typeof first
        return c6.outcome(
          c6.timed(async () => void (await first[kind](t, n)), t.engine.profile.deadlineMs),
          undefined,
        )
      })
      await Promise.all(callers)
    }
  })
})

test('a server that accepts and never answers is a failure to connect, not a wait without end (C7)', async () => {
  await trial('C7', async (c7) => {
    for (const _ of c7.times(1, 1)) {
      const connectTimeoutMs = c7.long ? 5_000 : 200
      await using t = await setupBehindProxy({ connectTimeoutMs, acquireTimeoutMs: 7_000 })
      t.proxy.silentAccept()
      const failed = expect.objectContaining({ code: 'CONNECTION_FAILED' })
      await c7.outcome(
        c7.timed(() => t.engine.acquire(), connectTimeoutMs + 250),
        failed,
      )
      await t.proxy.heal()
      await c7.outcome(read(t), [])
    }
  })
})

const failure = expect.objectContaining({
  kind: expect.stringMatching(/^(connection|timeout|overload)$/),
})

/** What is still held once the garbage is gone. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  collect()
  return process.memoryUsage().heapUsed
}

const outages = {
  frozen: { begin: 'freeze', end: 'thaw' },
  down: { begin: 'down', end: 'up' },
} as const

test.each(['frozen', 'down'] as const)(
  'while the server is %s every call fails before it is back, and afterwards the next ones succeed (C12)',
  async (how) => {
    await using server = await temporaryServer({ settings: { synchronous_commit: 'on' } })
    await using t = await setup(
      { size: 5, overflow: 5, acquireTimeoutMs: 200, livenessAfterMs: 0 },
      { serverUrl: server.url },
    )
    await Promise.all([read(t), read(t), read(t)])
    await trial(`C12 ${how}`, async (c12) => {
      const outage = outages[how]
      await server[outage.begin]()
      const rounds = c12.times(2, how === 'frozen' ? 40 : 150)
      const before = heldBytes()
      let id = 0
      for (const _ of rounds) {
        const callers = kinds
          .filter((kind) => kind !== 'lease')
          .flatMap((kind) => [kind, kind, kind, kind])
        await Promise.all(
          callers.map((kind) => {
            id += 1
            const unit = (): Promise<unknown> =>
              t.engine.session<unknown>(() => first[kind](t, id), {
                mode: kind === 'session' ? 'transaction' : 'autocommit',
                deadline: Deadline.after(DEADLINE_MS),
              })
            return c12.outcome(c12.timed(unit, DEADLINE_MS + 250), failure)
          }),
        )
        if (c12.long) await new Promise((resolve) => setTimeout(resolve, 200))
      }
      const grownMb = Math.round((heldBytes() - before) / 1_048_576)
      c12.number('grownMb', grownMb)
      if (c12.long && grownMb > 8) c12.violation(`memory grew by ${grownMb} MB`)
      await server[outage.end]()
      const startedAt = performance.now()
      while (
        !(await read(t).then(
          () => true,
          () => false,
        ))
      );
      const recoveredMs = Math.round(performance.now() - startedAt)
      c12.number('recoveredMs', recoveredMs)
      if (c12.long && recoveredMs > 1_000) c12.violation(`recovery took ${recoveredMs} ms`)
      expect(t.engine.stats()).toMatchObject({ waiting: 0, inUse: 0 })
    })
  },
)
