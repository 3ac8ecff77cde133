import { sendWelcome } from '@app/db/jobs'
import { createEngine, presets } from '@aquifer/core'
import { createTestDatabase } from '@aquifer/embedded'
import { jobsSchema } from '@aquifer/jobs/commands'
import { defineHandler, startWorker } from '@aquifer/jobs/worker'
import { expect, inject, test } from 'vitest'
import { serveHealth } from './health.ts'
import { createMetrics } from './metrics.ts'

async function setup() {
  const stack = new AsyncDisposableStack()
  const { url } = stack.use(await createTestDatabase(inject('databaseUrl')))
  const profile = { ...presets.worker, url, service: 'test', version: '0', drainTimeoutMs: 500 }
  const engine = stack.use(createEngine({ profile }))
  await jobsSchema().upgrade(engine, () => {})
  const handlers = [defineHandler(sendWelcome, { apply: () => {} })]
  const queueEngine = stack.use(createEngine({ profile: { ...profile, searchPath: ['bullmq'] } }))
  const worker = stack.use(await startWorker({ engine, queueEngine, handlers }))
  const health = await serveHealth(0, {
    worker,
    engines: [engine],
    metrics: createMetrics(worker, [engine]),
  })
  stack.defer(() => health.close())
  const get = (path: string) => fetch(`http://127.0.0.1:${health.port}${path}`)
  return { engine, worker, health, get, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

test('a worker that takes jobs is live and ready', async () => {
  await using t = await setup()

  const live = await t.get('/health/live')
  const ready = await t.get('/health/ready')

  expect([live.status, await live.json()]).toEqual([200, { status: 'live' }])
  expect(ready.status).toBe(200)
  expect(await ready.json()).toEqual({
    status: 'ready',
    jobs: { ok: true, transport: 'postgres', active: 0 },
    databases: [{ pool: 'worker', ok: true, latencyMs: expect.any(Number) }],
  })
})

test('a worker that stops is live but not ready', async () => {
  await using t = await setup()

  await t.worker.stop()

  expect((await t.get('/health/live')).status).toBe(200)
  expect((await t.get('/health/ready')).status).toBe(503)
})

test('a worker whose database is away is not ready', async () => {
  await using t = await setup()

  await t.engine.close()

  const ready = await t.get('/health/ready')
  expect(ready.status).toBe(503)
  expect(await ready.json()).toMatchObject({ databases: [{ ok: false }] })
})

test('metrics count runs by their outcome and show the pool', async () => {
  await using t = await setup()

  const metrics = await (await t.get('/metrics')).text()

  expect(metrics).toContain('aquifer_job_runs_total{outcome="done"} 0')
  expect(metrics).toMatch(/aquifer_pool_connections\{pool="worker",state="idle"\} \d/)
  expect(metrics).toContain('process_resident_memory_bytes')
})

test('a port that is taken is a clear refusal', async () => {
  await using t = await setup()

  const parts = { worker: t.worker, engines: [], metrics: createMetrics(t.worker, []) }

  await expect(serveHealth(t.health.port, parts)).rejects.toThrow(
    /choose another port with WORKER_PORT=/,
  )
})
