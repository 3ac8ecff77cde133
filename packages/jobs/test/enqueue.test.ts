import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { defineJob } from '../src/index.ts'
import { defineHandler, startWorker } from '../src/worker/index.ts'
import { until, World, writeNote } from './world.ts'

describe.each(['postgres', 'redis'] as const)('on %s', (transport) => {
  test('jobs enqueued in a session that commits run once each', async (context) => {
    await using world = await World.open(transport, context)
    const jobs = world.jobs()
    await using _worker = await startWorker(world.workerOptions())

    await world.engine.session(async () => {
      await jobs.enqueue(world.note, { text: 'a' })
      await jobs.enqueue(world.note, { text: 'b' })
    })

    await until(async () => (await world.notes()).length >= 2)
    expect(await world.notes()).toEqual(['a', 'b'])
    await until(async () => (await world.query('select from aquifer.outbox')).length === 0)
  })

  test('a session that rolls back leaves no job', async (context) => {
    await using world = await World.open(transport, context)
    const jobs = world.jobs()

    const failed = world.engine.session(async (session) => {
      await session.query('select 1')
      await jobs.enqueue(world.note, { text: 'ghost' })
      throw new Error('changed my mind')
    })

    await expect(failed).rejects.toThrow('changed my mind')
    expect(await world.waiting()).toBe(0)
  })

  test('a COMMIT that the server refuses leaves no job', async (context) => {
    await using world = await World.open(transport, context)
    const jobs = world.jobs()
    await world.query('alter table public.note add unique (text) deferrable initially deferred')

    const failed = world.engine.session(async (session) => {
      await jobs.enqueue(world.note, { text: 'ghost' })
      await session.query(`insert into public.note values ('1', 'same'), ('2', 'same')`)
    })

    await expect(failed).rejects.toMatchObject({ code: 'UNIQUE_VIOLATION' })
    expect(await world.waiting()).toBe(0)
  })

  test('a savepoint that rolls back takes its jobs with it, and only those', async (context) => {
    await using world = await World.open(transport, context)
    const jobs = world.jobs()

    await world.engine.session(async (session) => {
      await jobs.enqueue(world.note, { text: 'before' })
      await session
        .savepoint(async () => {
          await jobs.enqueue(world.note, { text: 'dropped' })
          throw new Error('only this part')
        })
        .catch(() => {})
      await session.savepoint(() => jobs.enqueue(world.note, { text: 'inside' }))
    })

    await using _worker = await startWorker(world.workerOptions())
    await until(async () => (await world.notes()).length >= 2)
    expect(await world.notes()).toEqual(['before', 'inside'])
  })

  test('a job enqueued outside of a transaction is there when the promise resolves', async (context) => {
    await using world = await World.open(transport, context)
    const jobs = world.jobs()

    await jobs.enqueue(world.note, { text: 'alone' })
    await world.engine.session(() => jobs.enqueue(world.note, { text: 'beside' }), {
      mode: 'autocommit',
    })

    expect(await world.waiting()).toBe(2)
  })

  test('an enqueue that nobody awaits does not outlive the rollback of its session', async (context) => {
    await using world = await World.open(transport, context)
    const jobs = world.jobs()
    const enqueued: Promise<unknown>[] = []

    const failed = world.engine.session(async () => {
      enqueued.push(jobs.enqueue(world.note, { text: 'ghost' }).catch(() => {}))
      throw new Error('changed my mind')
    })

    await expect(failed).rejects.toThrow('changed my mind')
    await Promise.all(enqueued)
    expect(await world.waiting()).toBe(0)
  })

  test('a job whose key is taken is dropped while the other one waits, and counts afterwards', async (context) => {
    await using world = await World.open(transport, context)
    const keyed = defineJob({
      name: 'keyed',
      queue: world.note.queue,
      version: 1,
      schema: z.object({ text: z.string() }),
      key: () => 'one at a time',
    })
    const jobs = world.jobs([keyed])
    await jobs.enqueue(keyed, { text: 'first' })
    await jobs.enqueue(keyed, { text: 'second' })

    await using _worker = await startWorker(world.workerOptions([writeNote(keyed)]))
    await until(async () => (await world.notes()).length === 1)
    await until(async () => {
      await jobs.enqueue(keyed, { text: 'third' })
      return (await world.notes()).includes('third')
    })

    expect(await world.notes()).not.toContain('second')
  })

  test('a delayed job does not run before its time', async (context) => {
    await using world = await World.open(transport, context)
    const jobs = world.jobs()
    await using _worker = await startWorker(world.workerOptions())

    await jobs.enqueue(world.note, { text: 'later' }, { delayMs: 400 })
    await jobs.enqueue(world.note, { text: 'now' })

    await until(async () => (await world.notes()).length === 1)
    expect(await world.notes()).toEqual(['now'])
    await until(async () => (await world.notes()).length === 2)
  })

  test('a job that a handler enqueues commits with the effect of the handler', async (context) => {
    await using world = await World.open(transport, context)
    const first = defineJob({
      name: 'first',
      queue: world.note.queue,
      version: 1,
      schema: z.object({}),
    })
    const jobs = world.jobs([first, world.note])
    let runs = 0
    const enqueueNote = defineHandler(first, {
      async apply() {
        await jobs.enqueue(world.note, { text: 'second' })
        runs += 1
        if (runs === 1) throw new Error('the first run fails')
      },
    })
    await using _worker = await startWorker(
      world.workerOptions([enqueueNote, writeNote(world.note)]),
    )

    await jobs.enqueue(first, {})

    await until(async () => (await world.notes()).length === 1)
    expect(runs).toBe(2)
    expect(await world.query('select name from aquifer.inbox order by at')).toEqual([
      { name: 'first' },
      { name: 'note' },
    ])
  })
})

test('a payload that does not fit is refused, and the message does not quote it', async (context) => {
  await using world = await World.open('postgres', context)
  const jobs = world.jobs()
  const secret = { text: 4711 } as unknown as { text: string }

  const refused = jobs.enqueue(world.note, secret)

  await expect(refused).rejects.toMatchObject({ code: 'JOB_PAYLOAD_INVALID', kind: 'job' })
  await expect(refused).rejects.toThrow(/at text$/)
  await expect(refused).rejects.not.toThrow(/4711/)
})

test('a payload is checked in the form that the worker will see', async (context) => {
  await using world = await World.open('postgres', context)
  const dated = defineJob({ name: 'dated', version: 1, schema: z.object({ at: z.date() }) })
  const counted = defineJob({
    name: 'counted',
    version: 1,
    schema: z.object({ count: z.bigint() }),
  })
  const jobs = world.jobs([dated, counted])

  await expect(jobs.enqueue(dated, { at: new Date() })).rejects.toMatchObject({
    code: 'JOB_PAYLOAD_INVALID',
  })
  await expect(jobs.enqueue(counted, { count: 1n })).rejects.toMatchObject({
    code: 'JOB_PAYLOAD_INVALID',
  })
})

test.for(['a \0 byte', 'half a \ud83d pair'])(
  'a text that PostgreSQL cannot keep is refused: %j',
  async (text, context) => {
    await using world = await World.open('postgres', context)
    const jobs = world.jobs()

    await expect(jobs.enqueue(world.note, { text })).rejects.toMatchObject({
      code: 'JOB_PAYLOAD_INVALID',
    })
  },
)

test('a contract that was not listed is refused', async (context) => {
  await using world = await World.open('postgres', context)
  const jobs = world.jobs([])

  await expect(jobs.enqueue(world.note, { text: 'a' })).rejects.toMatchObject({
    code: 'JOB_NOT_LISTED',
  })
})

test('two transactions with the same keys in opposite order both commit', async (context) => {
  await using world = await World.open('postgres', context)
  const jobs = world.jobs()
  const enqueueBoth = (first: string, second: string) =>
    world.engine.session(async (session) => {
      await session.query('select 1')
      await jobs.enqueue(world.note, { text: first }, { key: first })
      await jobs.enqueue(world.note, { text: second }, { key: second })
    })

  await Promise.all(
    Array.from({ length: 20 }, (_, at) => (at % 2 ? enqueueBoth('a', 'b') : enqueueBoth('b', 'a'))),
  )

  expect(await world.waiting()).toBe(2)
})
