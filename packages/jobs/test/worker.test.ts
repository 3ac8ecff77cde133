import { describe, expect, type TestContext, test } from 'vitest'
import { z } from 'zod'
import { defineJob } from '../src/index.ts'
import { defineHandler, type Handler, startWorker } from '../src/worker/index.ts'
import {
  insertNote,
  noteContract,
  recorder,
  type TestSession,
  until,
  World,
  writeNote,
} from './world.ts'

async function enqueueRaw(world: World, envelope: unknown, context: TestContext): Promise<void> {
  // As another program, or another version of this one, would have written it.
  const jobs = world.jobs()
  await jobs.enqueue(world.note, { text: 'to be replaced' })
  if (world.redisUrl !== undefined) context.skip('an envelope is replaced in PostgreSQL only')
  await world.query('update bullmq.job set data = $1', [JSON.stringify(envelope)])
}

describe.each(['postgres', 'redis'] as const)('on %s', (transport) => {
  test('what prepare made reaches apply, which runs in a transaction of its own', async (context) => {
    await using world = await World.open(transport, context)
    const jobs = world.jobs()
    const handler = defineHandler(world.note, {
      prepare: async ({ payload }) => ({
        length: payload.text.length,
        session: world.engine.currentSession(),
      }),
      apply: async (session: TestSession, prepared, { jobId }) => {
        expect(prepared.session).toBeUndefined()
        expect(world.engine.currentSession()).toBe(session)
        await insertNote(session, jobId, `${prepared.length} letters`)
      },
    })
    await using _worker = await startWorker(world.workerOptions([handler]))

    await jobs.enqueue(world.note, { text: 'hello' })

    await until(async () => (await world.notes()).length === 1)
    expect(await world.notes()).toEqual(['5 letters'])
  })

  test('a failed run leaves nothing and is tried again', async (context) => {
    await using world = await World.open(transport, context)
    const jobs = world.jobs()
    const attempts: number[] = []
    const handler = defineHandler(world.note, {
      apply: async (session: TestSession, _prepared, { attempt, jobId }) => {
        attempts.push(attempt)
        await insertNote(session, jobId, `attempt ${attempt}`)
        if (attempt < 3) throw new Error('not yet')
      },
    })
    await using _worker = await startWorker(world.workerOptions([handler]))

    await jobs.enqueue(world.note, { text: 'stubborn' })

    await until(async () => (await world.notes()).length > 0)
    expect(attempts).toEqual([1, 2, 3])
    expect(await world.notes()).toEqual(['attempt 3'])
  })

  test('a job that fails in every run is given up and not handed over again', async (context) => {
    await using world = await World.open(transport, context)
    const jobs = world.jobs()
    const { logger, said } = recorder()
    const handler = defineHandler(world.note, {
      apply: () => {
        throw new Error('never')
      },
    })
    const options = world.workerOptions([handler])
    await using _worker = await startWorker({
      ...options,
      logger,
      limits: { ...options.limits, handAgainAfterMs: 1 },
    })

    await jobs.enqueue(world.note, { text: 'hopeless' })

    await until(() => said('job given up').length === 1)
    expect(said('job given up')).toMatchObject([
      { job: 'note', attempt: 3, err: { message: 'never' } },
    ])
    expect(said('job failed; it is tried again')).toHaveLength(2)
    if (world.redisUrl === undefined) return
    const [row] = await world.query('select failed_at, hand_overs from aquifer.outbox')
    expect(row).toMatchObject({ failed_at: expect.any(Date) })
  })

  test('a job whose effect is committed is skipped, prepare included', async (context) => {
    await using world = await World.open(transport, context)
    const jobs = world.jobs()
    const { logger, said } = recorder()
    let prepared = 0
    const handler = defineHandler(world.note, {
      prepare: () => {
        prepared += 1
      },
      apply: (session: TestSession, _prepared, { jobId, payload }) =>
        insertNote(session, jobId, payload.text),
    })
    await world.engine.session(async (session) => {
      const jobId = await jobs.enqueue(world.note, { text: 'twice' })
      await session.query('insert into aquifer.inbox (job_id, queue, name) values ($1, $2, $3)', [
        jobId,
        world.note.queue,
        'note',
      ])
    })

    await using _worker = await startWorker({ ...world.workerOptions([handler]), logger })

    await until(() => said('job done').length === 1)
    expect(said('job done')).toMatchObject([{ result: 'skipped' }])
    expect(prepared).toBe(0)
    expect(await world.notes()).toEqual([])
    await until(async () => (await world.query('select from aquifer.outbox')).length === 0)
  })

  test('a job that no handler knows is left to a newer worker', async (context) => {
    await using world = await World.open(transport, context)
    const jobs = world.jobs()
    const other = defineJob({
      name: 'other',
      queue: world.note.queue,
      version: 1,
      schema: z.object({}),
    })
    const { logger, said } = recorder()
    await using old = await startWorker({
      ...world.workerOptions([defineHandler(other, { apply: () => {} })]),
      logger,
    })
    await jobs.enqueue(world.note, { text: 'new' })
    await until(() => said('job left to a newer worker').length >= 5)

    await using _new = await startWorker(world.workerOptions())

    await until(async () => (await world.notes()).length === 1)
    expect(old.health().ok).toBe(true)
  })

  test('a job that nobody gets to know is parked with the reason', async (context) => {
    await using world = await World.open(transport, context)
    const jobs = world.jobs()
    const other = defineJob({
      name: 'other',
      queue: world.note.queue,
      version: 1,
      schema: z.object({}),
    })
    const { logger, said } = recorder()
    const options = world.workerOptions([defineHandler(other, { apply: () => {} })])
    await using _worker = await startWorker({
      ...options,
      logger,
      limits: { ...options.limits, putBackForMs: 200 },
    })

    await jobs.enqueue(world.note, { text: 'nobody’s' })

    await until(() => said('job given up').length === 1)
    expect(said('job given up')).toMatchObject([
      { job: 'note', err: { message: /^JOB_UNKNOWN: / } },
    ])
  })

  test('a prepare that does not end is left behind at the limit of the contract', async (context) => {
    await using world = await World.open(transport, context)
    const { queue } = world.note
    const slow = defineJob({
      name: 'slow',
      queue,
      version: 1,
      schema: z.object({}),
      timeoutMs: 50,
      attempts: 1,
    })
    const jobs = world.jobs([slow])
    const { logger, said } = recorder()
    const handler = defineHandler(slow, {
      prepare: () => new Promise<never>(() => {}),
      apply: () => {},
    })
    await using _worker = await startWorker({ ...world.workerOptions([handler]), logger })

    await jobs.enqueue(slow, {})

    await until(() => said('job given up').length === 1)
    expect(said('job given up')).toMatchObject([{ err: { code: 'JOB_TIMEOUT' } }])
  })
})

test('a statement that does not end is cancelled at the limit of the contract', async (context) => {
  await using world = await World.open('postgres', context)
  const { queue } = world.note
  const slow = defineJob({
    name: 'slow',
    queue,
    version: 1,
    schema: z.object({}),
    timeoutMs: 100,
    attempts: 1,
  })
  const jobs = world.jobs([slow])
  const { logger, said } = recorder()
  const handler = defineHandler(slow, {
    apply: async (session: TestSession) => {
      await session.query('select pg_sleep(60)')
    },
  })
  await using _worker = await startWorker({ ...world.workerOptions([handler]), logger })

  await jobs.enqueue(slow, {})

  await until(() => said('job given up').length === 1)
  expect(said('job given up')).toMatchObject([{ err: { code: 'JOB_TIMEOUT' } }])
  await until(async () => {
    const [row] = await world.query<{ sleeping: number }>(
      `select count(*)::int as sleeping from pg_stat_activity
       where datname = current_database() and query like 'select pg_sleep%' and state = 'active'`,
    )
    return row?.sleeping === 0
  })
})

test('a payload that does not fit is parked with the reason, and others go on', async (context) => {
  await using world = await World.open('postgres', context)
  const { logger, said } = recorder()
  await enqueueRaw(world, { v: 1, payload: { text: 4711 } }, context)
  await using _worker = await startWorker({ ...world.workerOptions(), logger })

  await world.jobs().enqueue(world.note, { text: 'healthy' })

  await until(async () => (await world.notes()).length === 1)
  await until(() => said('job given up').length === 1)
  const [failed] = await world.query<{ failed_reason: string; attempts_made: number }>(
    `select failed_reason, attempts_made from bullmq.job where state = 'failed'`,
  )
  expect(failed).toMatchObject({ attempts_made: 1 })
  expect(failed?.failed_reason).toMatch(/^JOB_PAYLOAD_INVALID: the payload of job note .* at text$/)
})

test('something that is no envelope is parked', async (context) => {
  await using world = await World.open('postgres', context)
  const { logger, said } = recorder()
  await enqueueRaw(world, ['not', 'ours'], context)

  await using _worker = await startWorker({ ...world.workerOptions(), logger })

  await until(() => said('job given up').length === 1)
  expect(said('job given up')).toMatchObject([{ err: { message: /^JOB_PAYLOAD_INVALID: / } }])
})

test('a job of a newer version waits for a newer worker without using up attempts', async (context) => {
  await using world = await World.open('postgres', context)
  const { logger, said } = recorder()
  await enqueueRaw(world, { v: 2, payload: { text: 'from the future' } }, context)
  await using _old = await startWorker({ ...world.workerOptions(), logger })
  await until(() => said('job left to a newer worker').length >= 5)

  await using _new = await startWorker(
    world.workerOptions([writeNote(noteContract(world.note.queue, 2))]),
  )

  await until(async () => (await world.notes()).length === 1)
  const attemptsMade = async () => (await world.query('select attempts_made from bullmq.job'))[0]
  await until(async () => (await attemptsMade())?.attempts_made !== 0)
  expect(await attemptsMade()).toEqual({ attempts_made: 1 })
})

test('a job of an older version runs if the contract can read it, and is parked if not', async (context) => {
  await using world = await World.open('postgres', context)
  const { queue } = world.note
  const schema = z.object({ text: z.string() })
  const upcast = (payload: unknown, version: number) => ({
    text: `${JSON.stringify(payload)} of ${version}`,
  })
  const run = async (handler: Handler<TestSession>) => {
    const { logger, said } = recorder()
    await enqueueRaw(world, { v: 1, payload: 'old' }, context)
    await using _worker = await startWorker({ ...world.workerOptions([handler]), logger })
    await until(() => said('job done').length + said('job given up').length === 1)
    await world.query('delete from bullmq.job')
    return said('job given up').map(({ err }) => (err as Error).message)
  }

  const without = await run(writeNote(defineJob({ name: 'note', queue, version: 2, schema })))
  const withUpcast = await run(
    writeNote(defineJob({ name: 'note', queue, version: 2, schema, upcast })),
  )

  expect(without).toEqual([expect.stringMatching(/^JOB_VERSION_UNKNOWN: .*upcast/)])
  expect(withUpcast).toEqual([])
  expect(await world.notes()).toEqual(['"old" of 1'])
})

test('a worker survives the loss of every connection', async (context) => {
  await using world = await World.open('postgres', context)
  const jobs = world.jobs()
  await using worker = await startWorker(world.workerOptions())
  await jobs.enqueue(world.note, { text: 'before' })
  await until(async () => (await world.notes()).length === 1)
  const others = `from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`
  const isListening = async () =>
    (await world.query(`select ${others} and query ilike '%listen bullmq_jobs%'`)).length > 0
  await until(isListening)

  await world.query(`select pg_terminate_backend(pid) ${others}`)

  await until(isListening)
  await jobs.enqueue(world.note, { text: 'after' })
  await until(async () => (await world.notes()).length === 2)
  expect(worker.health().ok).toBe(true)
})

test('two handlers for one job are refused', async (context) => {
  await using world = await World.open('postgres', context)
  const handler = writeNote(world.note)

  await expect(startWorker(world.workerOptions([handler, handler]))).rejects.toMatchObject({
    code: 'JOB_HANDLER_TAKEN',
  })
})
