import { expect, test } from 'vitest'
import { smtpServer } from './smtp-server.ts'
import { WorkerProcess } from './worker-process.ts'
import { until, World } from './world.ts'

test('a worker without a database says so in one line', async () => {
  await using worker = new WorkerProcess({})

  expect(await worker.ended()).toBe('code 1')
  expect(worker.stderr).toMatch(/^worker: DATABASE_URL is not set[^\n]*\n$/)
})

test('a worker whose settings do not fit names them', async () => {
  await using worker = new WorkerProcess({ REDIS_URL: 'nowhere', LOG_LEVEL: 'loud' })

  expect(await worker.ended()).toBe('code 1')
  expect(worker.stderr).toMatch(
    /^worker: the settings do not fit: REDIS_URL: [^\n]*LOG_LEVEL: [^\n]*\n$/,
  )
})

test.for(['SIGTERM', 'SIGINT'] as const)(
  '%s ends an idle worker cleanly',
  async (signal, context) => {
    await using world = await World.open('postgres', context)
    const worker = world.worker()
    await until(() => worker.said('taking jobs').length === 1)

    worker.signal(signal)

    expect(await worker.ended()).toBe('code 0')
    expect(worker.said('draining')).toMatchObject([{ reason: signal }])
    expect(worker.said('stopped')).toHaveLength(1)
  },
)

test('the end of the parent ends the worker cleanly', async (context) => {
  await using world = await World.open('postgres', context)
  const worker = world.worker()
  await until(() => worker.said('taking jobs').length === 1)

  worker.disconnect()

  expect(await worker.ended()).toBe('code 0')
  expect(worker.said('draining')).toMatchObject([{ reason: 'parent gone' }])
})

test('a second signal does not wait for running jobs', async (context) => {
  await using world = await World.open('postgres', context)
  await using silent = await smtpServer({ silent: true })
  const worker = world.worker({ SMTP_URL: silent.url })
  await world.register()
  await until(() => silent.mails.length === 1)

  worker.signal('SIGTERM')
  await until(() => worker.said('draining').length === 1)
  worker.signal('SIGTERM')

  expect(await worker.ended()).toBe('code 1')
})
