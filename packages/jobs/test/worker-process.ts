import { defineHandler, startWorker } from '../src/worker/index.ts'
import { engineOf, insertNote, noteContract, type TestSession } from './world.ts'

/** Where the process stops for good, after it has told its parent. */
export type Stage = 'prepare' | 'apply' | 'committed'

/** What the parent passes as the only argument, as JSON. */
export interface WorkerProcessOptions {
  url: string
  redisUrl?: string | undefined
  queue: string
  stage: Stage
}

const { url, redisUrl, queue, stage } = JSON.parse(
  process.argv[2] as string,
) as WorkerProcessOptions

async function stopAt(reached: Stage): Promise<void> {
  if (reached !== stage) return
  process.send?.(reached)
  await new Promise(() => {})
}

const handler = defineHandler(noteContract(queue), {
  prepare: () => stopAt('prepare'),
  apply: async (session: TestSession, _prepared, { jobId, payload }) => {
    await insertNote(session, jobId, payload.text)
    await stopAt('apply')
    session.afterCommit(() => stopAt('committed'))
  },
})

await startWorker({
  engine: engineOf(url),
  queueEngine: engineOf(url, { searchPath: ['bullmq', 'public'] }),
  redisUrl,
  handlers: [handler],
  limits: { lockMs: 1_000, stalledCheckMs: 200 },
})
