import { Deadline } from '@aquifer/core'
import { sql } from 'kysely'
import { expect, test, vi } from 'vitest'
import { type MigrationEvent, type Revision, upgrade } from '../src/index.ts'
import { MigrationLock } from '../src/runner/lock.ts'
import { revision, setup, type World } from './setup.ts'

const LOCK = `locktype = 'advisory' and classid = 1634825569 and granted
  and database = (select oid from pg_database where datname = current_database())`

/** A revision that stops halfway until it is let through. */
function gated(id: string, parts: Partial<Revision> = {}) {
  const reached = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  const gatedRevision = revision(id, {
    up: async (db) => {
      await sql`create table ${sql.table(id)} ()`.execute(db)
      reached.resolve()
      await gate.promise
      await sql`create table ${sql.table(`${id}_second`)} ()`.execute(db)
    },
    ...parts,
  })
  return { revision: gatedRevision, reached: reached.promise, open: gate.resolve }
}

/** Resolves when somebody has to wait, with the event that says so. */
function waiting() {
  const seen = Promise.withResolvers<MigrationEvent>()
  const onEvent = (event: MigrationEvent) => {
    if (event.event === 'waiting') seen.resolve(event)
  }
  return { seen: seen.promise, onEvent }
}

async function pidOfLock(t: World): Promise<number> {
  const [row] = await t.witness<{ pid: number }>(
    `select pid from pg_locks where ${LOCK} and objid = 1`,
  )
  return row!.pid
}

/** Cuts the connection that holds the lock; it is gone when this resolves. */
async function endLock(t: World): Promise<void> {
  await t.witness('select pg_terminate_backend($1, 10000)', [await pidOfLock(t)])
}

test('the second of two deployers waits, is told for whom, and finds nothing to do', async () => {
  await using t = await setup()
  const step = gated('aa')
  const winner = upgrade(t.deployer('winner'), [step.revision])
  await step.reached

  const { seen, onEvent } = waiting()
  const loser = upgrade(t.deployer('loser'), [revision('aa')], { onEvent })
  expect(await seen).toMatchObject({
    holder: {
      pid: await pidOfLock(t),
      applicationName: 'winner:migrations@0',
      since: expect.any(Date),
    },
  })
  step.open()

  expect((await winner).revisions).toHaveLength(1)
  expect((await loser).revisions).toEqual([])
})

test('a deployer that waits has no transaction open', async () => {
  await using t = await setup()
  const step = gated('aa')
  const winner = upgrade(t.deployer('winner'), [step.revision])
  await step.reached
  const { seen, onEvent } = waiting()
  const loser = upgrade(t.deployer('loser'), [revision('aa')], { onEvent })
  await seen

  expect(
    await t.witness(
      `select pid from pg_stat_activity where application_name = 'loser:migrations@0' and wait_event_type = 'Lock'`,
    ),
  ).toEqual([])
  expect(
    await t.witness(
      `select pid from pg_stat_activity where application_name = 'loser:migrations@0' and state like 'idle in transaction%'`,
    ),
  ).toEqual([])
  step.open()
  await Promise.all([winner, loser])
})

test('the wait has an end, and the message names who holds the lock and how to end it', async () => {
  await using t = await setup()
  const step = gated('aa')
  const winner = upgrade(t.deployer('winner'), [step.revision])
  await step.reached

  const pid = await pidOfLock(t)
  await expect(upgrade(t.engine, [revision('aa')], { waitMs: 100 })).rejects.toMatchObject({
    code: 'MIGRATION_LOCK_TIMEOUT',
    retryable: true,
    message: expect.stringMatching(
      `held by pid ${pid} \\(winner:migrations@0\\), since .*pg_terminate_backend\\(${pid}\\)`,
    ),
  })
  await expect(
    upgrade(t.engine, [revision('aa')], { deadline: Deadline.after(100) }),
  ).rejects.toMatchObject({ code: 'MIGRATION_LOCK_TIMEOUT' })
  step.open()
  await winner
})

test('a signal ends the wait at once', async () => {
  await using t = await setup()
  const step = gated('aa')
  const winner = upgrade(t.deployer('winner'), [step.revision])
  await step.reached
  const { seen, onEvent } = waiting()
  const controller = new AbortController()
  const loser = upgrade(t.engine, [revision('aa')], { onEvent, signal: controller.signal })
  await seen
  controller.abort()
  await expect(loser).rejects.toMatchObject({ code: 'CANCELLED' })
  step.open()
  await winner
})

test('a signal stops the running revision, which leaves nothing, and the lock is free', async () => {
  await using t = await setup()
  const step = gated('aa')
  const controller = new AbortController()
  const stopped = upgrade(t.engine, [step.revision], { signal: controller.signal })
  await step.reached
  controller.abort()
  step.open()

  await expect(stopped).rejects.toMatchObject({
    code: 'REVISION_FAILED',
    outcome: 'rolledBack',
    cause: { code: 'CANCELLED' },
  })
  expect(await t.tables()).toEqual([])
  expect((await upgrade(t.deployer('next'), [revision('aa')])).revisions).toHaveLength(1)
})

test('when the connection of the lock breaks, the running revision is rolled back', async () => {
  await using t = await setup()
  const step = gated('aa')
  const robbed = upgrade(t.engine, [step.revision])
  await step.reached
  await endLock(t)
  step.open()

  await expect(robbed).rejects.toMatchObject({ code: 'MIGRATION_LOCK_LOST' })
  expect(await t.tables()).toEqual([])
  expect(await t.witness(`select pid from pg_locks where ${LOCK}`)).toEqual([])
})

test('a deployer that lost the lead commits nothing more', async () => {
  await using t = await setup()
  const robbery = revision('aa', {
    up: async (db) => {
      await sql`create table aa ()`.execute(db)
      await endLock(t)
    },
  })
  const error = await upgrade(t.engine, [robbery, revision('bb', { parents: ['aa'] })]).catch(
    (reason: Error) => reason,
  )
  expect(error).toMatchObject({ code: 'MIGRATION_LOCK_LOST' })
  expect(await t.tables()).toEqual([])
})

test('work does not begin for a deployer whose lock is gone, even if it has not heard of that', async () => {
  await using t = await setup()
  await using lock = await MigrationLock.acquire(t.engine, {})
  await using lease = await t.engine.acquire()
  await lock.assertLeads(lease)
  await endLock(t)
  await expect(lock.enter(lease, 'session')).rejects.toMatchObject({ code: 'MIGRATION_LOCK_LOST' })
})

test('work that a dead deployer began with its last message is waited for', async () => {
  await using t = await setup()
  await using lock = await MigrationLock.acquire(t.engine, {})
  await using lease = await t.engine.acquire()
  await t.witness('select pg_advisory_lock(1634825569, 2)')
  const entered = lock.enter(lease, 'session')
  entered.catch(() => {})
  await vi.waitFor(async () => {
    const asked = `select from pg_stat_activity where pid = $1 and query like '%pg_locks%'`
    expect(await t.witness(asked, [lease.backendPid])).toHaveLength(1)
  }, 10_000)
  await t.witness('select pg_advisory_unlock(1634825569, 2)')
  await entered
})

test('a new leader waits for the work of a dead one to end', async () => {
  await using t = await setup()
  const step = gated('aa', { transaction: false })
  const robbed = upgrade(t.deployer('dead'), [step.revision])
  robbed.catch(() => {})
  await step.reached
  await endLock(t)

  const { seen, onEvent } = waiting()
  const next = upgrade(t.deployer('next'), [step.revision], { onEvent })
  expect(await seen).toMatchObject({ holder: { applicationName: 'dead:migrations@0' } })
  step.open()

  await expect(robbed).rejects.toMatchObject({
    code: 'REVISION_FAILED',
    outcome: 'unknown',
    cause: { code: 'MIGRATION_LOCK_LOST' },
  })
  await expect(next).resolves.toMatchObject({ revisions: [{ id: 'aa' }] })
})

test('the server is asked to look out for clients that are gone', async () => {
  await using t = await setup()
  const shown: unknown[] = []
  const look = (transaction: boolean, id: string, parents: string[]) =>
    revision(id, {
      transaction,
      parents,
      up: async (db) => {
        const { rows } = await sql`show client_connection_check_interval`.execute(db)
        shown.push(rows[0])
      },
    })
  await upgrade(t.engine, [look(true, 'aa', []), look(false, 'bb', ['aa'])])
  expect(shown).toEqual([
    { client_connection_check_interval: '2s' },
    { client_connection_check_interval: '2s' },
  ])
})

test('eight deployers at once run each step once', async () => {
  await using t = await setup()
  const runs: string[] = []
  const counted = (id: string, parents: string[]) =>
    revision(id, {
      parents,
      up: async (db) => {
        runs.push(id)
        await sql`create table ${sql.table(id)} ()`.execute(db)
      },
    })
  const revisions = [counted('aa', []), counted('bb', ['aa']), counted('cc', ['bb'])]
  const results = await Promise.all(
    Array.from({ length: 8 }, (_, n) => upgrade(t.deployer(`d${n}`), revisions)),
  )
  expect(runs).toEqual(['aa', 'bb', 'cc'])
  expect(results.flatMap((result) => result.revisions)).toHaveLength(3)
})
