import { createPostgresBackend, Queue } from 'bullmq'
import { Redis } from 'ioredis'
import { describe, expect, type TestContext, test } from 'vitest'
import { until, World } from '../../test/world.ts'
import { newJobId } from '../job-id.ts'
import type { Unit } from '../unit.ts'
import { PostgresTransport } from './bullmq-postgres.ts'
import { RedisTransport } from './bullmq-redis.ts'
import { pgShapeOf } from './pg-shape.ts'
import type { OutgoingJob } from './transport.ts'

const minute = 60_000

function job(queue: string, overrides: Partial<OutgoingJob> = {}): OutgoingJob {
  return {
    id: newJobId(),
    queue,
    name: 'greet',
    envelope: { v: 3, payload: { to: 'ünïcode', list: [1, null] } },
    policy: {
      attempts: 7,
      backoff: { type: 'exponential', delayMs: 1_500 },
      retention: { completedMs: 90 * minute, failedMs: 120 * minute },
    },
    createdAt: 1_700_000_000_000,
    delayMs: 0,
    ...overrides,
  }
}

/** One of the transports, and BullMQ's own view of what it was given. */
async function setup(name: 'postgres' | 'redis', context: TestContext) {
  const stack = new AsyncDisposableStack()
  const world = stack.use(await World.open(name, context))
  const queueName = world.note.queue
  const { redisUrl } = world
  if (redisUrl === undefined) {
    const transport = stack.use(new PostgresTransport())
    const queue = new Queue(
      queueName,
      { connection: pgShapeOf(world.queueEngine.pool) },
      createPostgresBackend,
    )
    stack.defer(() => queue.close())
    const add = (jobs: OutgoingJob[]) =>
      world.engine.session((session) => transport.add(jobs, session))
    return { queueName, queue, add, [Symbol.asyncDispose]: () => stack.disposeAsync() }
  }
  const transport = stack.use(new RedisTransport(redisUrl))
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: null })
  stack.defer(() => redis.disconnect())
  const queue = new Queue(queueName, { connection: redis })
  stack.defer(() => queue.close())
  await until(() =>
    transport.add([]).then(
      () => true,
      () => false,
    ),
  )
  const add = (jobs: OutgoingJob[]) => transport.add(jobs)
  return { queueName, queue, add, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

describe.each(['postgres', 'redis'] as const)('the transport to %s', (name) => {
  test('a job arrives with everything its contract says', async (context) => {
    await using t = await setup(name, context)
    const sent = job(t.queueName)

    expect(await t.add([sent])).toEqual([])

    const arrived = await t.queue.getJob(sent.id)
    expect(arrived).toMatchObject({
      id: sent.id,
      name: 'greet',
      data: sent.envelope,
      timestamp: sent.createdAt,
      delay: 0,
      opts: {
        attempts: 7,
        backoff: { type: 'exponential', delay: 1_500, jitter: 0.5 },
        removeOnComplete: { age: 90 * 60 },
        removeOnFail: { age: 120 * 60 },
      },
    })
    expect(await arrived?.getState()).toBe('waiting')
  })

  test('jobs keep the order in which they were given, whichever queue they go to', async (context) => {
    await using t = await setup(name, context)
    const sent = [1, 2, 3, 4, 5].map((at) => job(at === 3 ? `${t.queueName}-other` : t.queueName))

    await t.add(sent)

    const waiting = await t.queue.getJobs(['waiting'], 0, -1, true)
    const expected = sent.filter(({ queue }) => queue === t.queueName)
    expect(waiting.map(({ id }) => id)).toEqual(expected.map(({ id }) => id))
  })

  test('a delay counts from when the job was made', async (context) => {
    await using t = await setup(name, context)
    const sent = job(t.queueName, { createdAt: Date.now() - minute, delayMs: 10 * minute })

    await t.add([sent])

    const arrived = await t.queue.getJob(sent.id)
    expect(await arrived?.getState()).toBe('delayed')
    expect(arrived).toMatchObject({ timestamp: sent.createdAt, delay: 10 * minute })
  })

  test('adding a job again changes nothing', async (context) => {
    await using t = await setup(name, context)
    const sent = job(t.queueName)
    await t.add([sent])

    expect(await t.add([{ ...sent, name: 'other' }])).toEqual([])

    expect(await t.queue.getJobCounts('waiting')).toEqual({ waiting: 1 })
    expect(await t.queue.getJob(sent.id)).toMatchObject({ name: 'greet' })
  })

  test('a job whose key is taken is dropped and named', async (context) => {
    await using t = await setup(name, context)
    const keyed = () => ({
      ...job(t.queueName),
      policy: { ...job(t.queueName).policy, dedupKey: 'greet/anna' },
    })
    const [first, second] = [keyed(), keyed()]

    const dropped = await t.add([first, second, job(t.queueName)])

    expect(dropped).toEqual([second.id])
    expect(await t.add([first])).toEqual([])
    expect(await t.queue.getJobCounts('waiting')).toEqual({ waiting: 2 })
  })
})

// BullMQ knows nothing of callers' transactions: that its producer can take part in one rests on
// these statements.
test('BullMQ’s producer sends one look at the schema, and then one statement for each unit', async (context) => {
  await using world = await World.open('postgres', context)
  await using transport = new PostgresTransport()
  const sent: { text: string; values: readonly unknown[] | undefined }[] = []
  const recording = (unit: Unit): Unit => ({
    query: (text, values) => {
      sent.push({ text, values })
      return unit.query(text, values)
    },
  })
  const jobs = [job('one'), job('two'), { ...job('one'), delayMs: 1 }]

  await world.engine.session((session) => transport.add(jobs, recording(session)))
  await world.engine.session((session) => transport.add([job('one')], recording(session)))

  expect(sent.map(({ text }) => text)).toEqual([
    expect.stringMatching(/^SELECT COALESCE\(MAX\(version\), 0\)[^;]* FROM "bullmq".migration$/),
    expect.stringMatching(/^(--.*\n)*SELECT id FROM bullmq.add_flow\(\$1::jsonb\) AS t\(id\);\n$/),
    expect.stringMatching(/^(--.*\n)*SELECT id FROM bullmq.add_flow\(\$1::jsonb\) AS t\(id\);\n$/),
  ])
  const entries = JSON.parse(String(sent[1]?.values?.[0]))
  expect(entries).toHaveLength(3)
  expect(entries[0]).toEqual({
    queue: 'one',
    id: jobs[0]?.id,
    name: 'greet',
    data: JSON.stringify(jobs[0]?.envelope),
    opts: expect.objectContaining({ attempts: 7 }),
    priority: 0,
    delay: 0,
    timestamp: jobs[0]?.createdAt,
    attempts: 7,
    parentQueue: null,
    parentId: null,
    parentKey: null,
    dedupId: null,
    schedulerId: null,
    lifo: false,
    addToWaitingChildren: false,
  })
})

test('nothing but jobs and their events is written in the caller’s transaction', async (context) => {
  await using world = await World.open('postgres', context)
  await using transport = new PostgresTransport()
  const tables = () =>
    world.query<{ name: string; rows: bigint }>(
      `select relname as name, n_tup_ins as rows from pg_stat_user_tables
       where schemaname = 'bullmq' and n_tup_ins > 0 and relname <> 'migration' order by 1`,
    )
  const relations = () => world.query(`select count(*) from pg_class`)
  const before = await relations()

  await world.engine.session((session) => transport.add([job('fresh')], session))

  await until(async () => (await tables()).length >= 2)
  expect((await tables()).map(({ name }) => name)).toEqual(['event', 'job'])
  expect(await relations()).toEqual(before)
})

test('a refused statement is the unit’s own error, and the next unit is served', async (context) => {
  await using world = await World.open('postgres', context)
  await using transport = new PostgresTransport()
  await world.engine.session((session) => transport.add([job('one')], session))

  const refused = world.engine.session((session) =>
    transport.add([job('one', { envelope: { v: 1, payload: 'a \u0000 byte' } })], session),
  )

  await expect(refused).rejects.toMatchObject({ kind: 'data', sqlState: '22P05' })
  await world.engine.session((session) => transport.add([job('one')], session))
  expect(await world.query('select from bullmq.job')).toHaveLength(2)
})
