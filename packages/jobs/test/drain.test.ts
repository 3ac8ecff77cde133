import { describe, expect, test } from 'vitest'
import { defineHandler, startWorker } from '../src/worker/index.ts'
import { insertNote, recorder, type TestSession, until, World } from './world.ts'

describe.each(['postgres', 'redis'] as const)('on %s', (transport) => {
  test('a job that ends within the drain limit is completed, and no other is taken', async (context) => {
    await using world = await World.open(transport, context)
    const jobs = world.jobs()
    const started = Promise.withResolvers<void>()
    const finish = Promise.withResolvers<void>()
    const handler = defineHandler(world.note, {
      prepare: () => {
        started.resolve()
        return finish.promise
      },
      apply: (session: TestSession, _prepared, { jobId, payload }) =>
        insertNote(session, jobId, payload.text),
    })
    const { logger, said } = recorder()
    const worker = await startWorker({ ...world.workerOptions([handler]), logger })
    await jobs.enqueue(world.note, { text: 'running' })
    await started.promise

    const stopped = worker.stop({ drainMs: 20_000 })
    await jobs.enqueue(world.note, { text: 'waiting' })
    finish.resolve()
    await stopped

    expect(said('job done')).toHaveLength(1)
    expect(await world.notes()).toEqual(['running'])
    expect(worker.health()).toMatchObject({ ok: false, active: 0 })
  })

  test('jobs that listen to their signal go back into the queue and run elsewhere', async (context) => {
    await using world = await World.open(transport, context)
    const jobs = world.jobs()
    let started = 0
    const handler = defineHandler(world.note, {
      prepare: ({ signal }) => {
        started += 1
        return new Promise<void>((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason))
        })
      },
      apply: () => {},
    })
    const worker = await startWorker(world.workerOptions([handler]))
    for (let at = 0; at < 5; at += 1) await jobs.enqueue(world.note, { text: `job ${at}` })
    await until(() => started === 5)

    await worker.stop({ drainMs: 50 })

    await using _next = await startWorker(world.workerOptions())
    await until(async () => (await world.notes()).length === 5)
    if (transport === 'redis') return
    const attempts = () =>
      world.query(`select distinct attempts_made, stalled_count from bullmq.job`)
    await until(
      async () =>
        (await world.query(`select from bullmq.job where state <> 'completed'`)).length === 0,
    )
    expect(await attempts()).toEqual([{ attempts_made: 1, stalled_count: 0 }])
  })

  test('a job that listens to nothing does not hold up the end, and runs again', async (context) => {
    await using world = await World.open(transport, context)
    const jobs = world.jobs()
    const started = Promise.withResolvers<void>()
    const release = Promise.withResolvers<void>()
    const handler = defineHandler(world.note, {
      apply: async (session: TestSession, _prepared, { jobId, payload }) => {
        started.resolve()
        await release.promise
        await insertNote(session, jobId, payload.text)
      },
    })
    const { logger, said } = recorder()
    const worker = await startWorker({ ...world.workerOptions([handler]), logger })
    await jobs.enqueue(world.note, { text: 'deaf' })
    await started.promise

    await worker.stop({ drainMs: 50, graceMs: 50 })

    expect(
      said('jobs did not listen to their signal; they run again when their locks expire'),
    ).toHaveLength(1)
    await using _next = await startWorker(world.workerOptions())
    release.resolve()
    await until(async () => (await world.notes()).length > 0)
    expect(await world.notes()).toEqual(['deaf'])
  })
})

test('stopping twice waits for the one stop', async (context) => {
  await using world = await World.open('postgres', context)
  const worker = await startWorker(world.workerOptions())

  await Promise.all([worker.stop(), worker.stop()])

  expect(worker.health().ok).toBe(false)
})
