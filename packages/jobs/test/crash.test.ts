import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { startWorker } from '../src/worker/index.ts'
import type { Stage, WorkerProcessOptions } from './worker-process.ts'
import { recorder, until, World } from './world.ts'

/** A worker in a process of its own that is killed the moment it gets to `stage`. */
async function killWorkerAt(stage: Stage, world: World): Promise<void> {
  const { url, redisUrl, note } = world
  const options: WorkerProcessOptions = { url, redisUrl, queue: note.queue, stage }
  const file = fileURLToPath(new URL('./worker-process.ts', import.meta.url))
  const worker = fork(file, [JSON.stringify(options)])
  const exited = once(worker, 'exit')
  const [reached] = await Promise.race([once(worker, 'message'), exited])
  worker.kill('SIGKILL')
  await exited
  expect(reached).toBe(stage)
}

describe.each(['postgres', 'redis'] as const)('on %s', (transport) => {
  test.for(['prepare', 'apply', 'committed'] as const)(
    'a worker killed at "%s" leaves a job that runs again, with its effect once',
    async (stage, context) => {
      await using world = await World.open(transport, context)
      const jobs = world.jobs()
      const { logger, said } = recorder()
      await jobs.enqueue(world.note, { text: 'once' })
      await killWorkerAt(stage, world)

      await using _worker = await startWorker({ ...world.workerOptions(), logger })

      await until(() => said('job done').length === 1)
      expect(said('job done')).toMatchObject([
        { result: stage === 'committed' ? 'skipped' : 'done', attempt: 1 },
      ])
      expect(await world.notes()).toEqual(['once'])
      await until(async () => (await world.query('select from aquifer.outbox')).length === 0)
    },
  )
})

test('no number of killed workers fails a job', async (context) => {
  await using world = await World.open('postgres', context)
  const jobs = world.jobs()
  await jobs.enqueue(world.note, { text: 'unlucky' })
  for (let kill = 0; kill < 4; kill += 1) await killWorkerAt('apply', world)

  await using _worker = await startWorker(world.workerOptions())

  await until(async () => (await world.notes()).length === 1)
  expect(await world.query('select stalled_count from bullmq.job')).toEqual([{ stalled_count: 4 }])
})
