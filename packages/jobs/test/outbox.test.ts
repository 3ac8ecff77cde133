import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineJob } from '../src/index.ts'
import { defineHandler, startWorker } from '../src/worker/index.ts'
import { OwnRedis } from './own-redis.ts'
import type { RelayProcessOptions } from './relay-process.ts'
import { insertNote, type TestSession, until, World } from './world.ts'

const handedOver = (world: World) =>
  world.query<{ hand_overs: number }>(
    'select hand_overs from aquifer.outbox where handed_at is not null',
  )

/** A worker that relays every job and runs none of the tests' own. */
function relayOnly(world: World): ReturnType<typeof startWorker> {
  const other = defineJob({
    name: 'other',
    queue: `${world.note.queue}-other`,
    version: 1,
    schema: z.object({}),
  })
  return startWorker(world.workerOptions([defineHandler(other, { apply: () => {} })]))
}

test('a relay killed between the hand-over and its mark loses no job and doubles none', async (context) => {
  await using world = await World.open('redis', context)
  const jobs = world.jobs()
  const texts = Array.from({ length: 20 }, (_, at) => `job ${10 + at}`)
  await world.engine.session(async () => {
    for (const text of texts) await jobs.enqueue(world.note, { text })
  })
  const options: RelayProcessOptions = { url: world.url, redisUrl: world.redisUrl as string }
  const file = fileURLToPath(new URL('./relay-process.ts', import.meta.url))
  const relay = fork(file, [JSON.stringify(options)])
  const exited = once(relay, 'exit')
  expect(await Promise.race([once(relay, 'message'), exited])).toContain('handed over')
  relay.kill('SIGKILL')
  await exited
  expect(await handedOver(world)).toEqual([])
  let runs = 0
  const handler = defineHandler(world.note, {
    prepare: () => {
      runs += 1
    },
    apply: (session: TestSession, _prepared, { jobId, payload }) =>
      insertNote(session, jobId, payload.text),
  })

  await using _again = await relayOnly(world)
  await until(async () => (await handedOver(world)).length === texts.length)
  await using _worker = await startWorker(world.workerOptions([handler]))

  await until(async () => (await world.query('select from aquifer.outbox')).length === 0)
  expect(await world.notes()).toEqual(texts)
  expect(runs).toBe(texts.length)
})

test('while Redis is away jobs wait in the outbox, and run when it is back', async (context) => {
  await using redis = await OwnRedis.start(context)
  await using world = await World.over(redis.url)
  const jobs = world.jobs()
  await using worker = await startWorker(world.workerOptions())
  await jobs.enqueue(world.note, { text: 'before' })
  await until(async () => (await world.waiting()) === 0)
  await redis.kill()

  await jobs.enqueue(world.note, { text: 'meanwhile' })
  await until(() => (worker.health().relay?.failures ?? 0) >= 2)
  await until(() => !worker.health().ok)
  expect(await handedOver(world)).toEqual([])
  await redis.start()

  await until(async () => (await world.notes()).length === 2)
  expect(await world.notes()).toEqual(['before', 'meanwhile'])
  await until(() => worker.health().ok && worker.health().relay?.failures === 0)
})

test('a worker starts and stops while Redis is away', async (context) => {
  await using redis = await OwnRedis.start(context)
  await using world = await World.over(redis.url)
  await redis.kill()
  await world.jobs().enqueue(world.note, { text: 'waits' })

  const worker = await startWorker(world.workerOptions())
  await until(() => (worker.health().relay?.failures ?? 0) >= 1)
  await worker.stop({ drainMs: 100, graceMs: 100 })

  expect(worker.health()).toMatchObject({ ok: false, active: 0 })
})

test('what a Redis that comes back empty had been given is handed over again', async (context) => {
  await using redis = await OwnRedis.start(context)
  await using world = await World.over(redis.url)
  const jobs = world.jobs()
  const relaying = await relayOnly(world)
  for (const text of ['a', 'b', 'c']) await jobs.enqueue(world.note, { text })
  await until(async () => (await handedOver(world)).length === 3)
  await relaying.stop()
  await redis.kill()
  await redis.start()

  const options = world.workerOptions()
  await using _worker = await startWorker({
    ...options,
    limits: { ...options.limits, handAgainAfterMs: 200 },
  })

  await until(async () => (await world.notes()).length === 3)
  expect(await world.notes()).toEqual(['a', 'b', 'c'])
  await until(async () => (await world.query('select from aquifer.outbox')).length === 0)
})

test('a job that is only late is handed over again without running twice', async (context) => {
  await using world = await World.open('redis', context)
  const jobs = world.jobs()
  const other = await relayOnly(world)
  await jobs.enqueue(world.note, { text: 'late' })
  await until(async () => (await handedOver(world)).length === 1)
  await other.stop()
  const started = Promise.withResolvers<void>()
  const finish = Promise.withResolvers<void>()
  let runs = 0
  const handler = defineHandler(world.note, {
    prepare: () => {
      runs += 1
      started.resolve()
      return finish.promise
    },
    apply: (session: TestSession, _prepared, { jobId, payload }) =>
      insertNote(session, jobId, payload.text),
  })
  const options = world.workerOptions([handler])
  await using _worker = await startWorker({
    ...options,
    limits: { ...options.limits, handAgainAfterMs: 1 },
  })
  await started.promise
  await until(async () => (await handedOver(world)).some((row) => row.hand_overs >= 3))

  finish.resolve()

  await until(async () => (await world.query('select from aquifer.outbox')).length === 0)
  expect(await world.notes()).toEqual(['late'])
  expect(runs).toBe(1)
})

test('a lost listening connection is replaced', async (context) => {
  await using world = await World.open('redis', context)
  const jobs = world.jobs()
  await using worker = await startWorker(world.workerOptions())
  const listeners = () =>
    world.query<{ pid: number }>(
      `select pid from pg_stat_activity
       where datname = current_database() and query = 'listen aquifer_outbox'`,
    )
  await until(async () => (await listeners()).length === 1)
  const [first] = await listeners()

  await world.query('select pg_terminate_backend($1)', [first?.pid])

  await until(async () => (await listeners()).some(({ pid }) => pid !== first?.pid))
  await jobs.enqueue(world.note, { text: 'heard' })
  await until(async () => (await world.notes()).length === 1)
  await until(() => worker.health().relay?.listening === true)
  await until(() => world.engine.stats().inUse === 1)
})

test('rows that are done with are removed in time', async (context) => {
  await using world = await World.open('postgres', context)
  await world.query(`insert into aquifer.inbox (job_id, queue, name, at) values
    ('job_old', 'q', 'n', now() - interval '40 days'),
    ('job_new', 'q', 'n', now() - interval '1 day')`)

  await using _worker = await startWorker(world.workerOptions())

  await until(async () => (await world.query('select from aquifer.inbox')).length === 1)
  expect(await world.query('select job_id from aquifer.inbox')).toEqual([{ job_id: 'job_new' }])
})
