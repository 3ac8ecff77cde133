import { type Job, Queue } from 'bullmq'
import { Redis } from 'ioredis'
import { jobOptionsOf } from './job-options.ts'
import type { OutgoingJob, Transport } from './transport.ts'

/** What happened to the connection, for a log. */
export type OnRedisError = (error: Error) => void

const COMMAND_LIMIT_MS = 2_000
const RECONNECT_PAUSE_MS = 500

/** Puts jobs into Redis. While Redis is away `add` fails at once instead of waiting for it. */
export class RedisTransport implements Transport {
  readonly #redis: Redis
  readonly #onError: OnRedisError
  readonly #queues = new Map<string, Queue>()

  constructor(url: string, onError: OnRedisError = () => {}) {
    this.#onError = onError
    this.#redis = producerConnection(url)
    this.#redis.on('error', onError)
  }

  async add(jobs: readonly OutgoingJob[]): Promise<readonly string[]> {
    if (this.#redis.status !== 'ready') throw new Error(`Redis is away (${this.#redis.status})`)
    const dropped: string[] = []
    for (const [name, part] of Map.groupBy(jobs, (job) => job.queue)) {
      const added = await this.#queue(name).addBulk(part.map(bulkOf))
      dropped.push(...droppedOf(part, added))
    }
    return dropped
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#redis.disconnect()
    await Promise.allSettled([...this.#queues.values()].map((queue) => queue.close()))
  }

  #queue(name: string): Queue {
    let queue = this.#queues.get(name)
    if (queue === undefined) {
      queue = new Queue(name, { connection: this.#redis, skipMetasUpdate: true })
      queue.on('error', this.#onError)
      this.#queues.set(name, queue)
    }
    return queue
  }
}

/**
 * A connection for a Worker: it waits for Redis as long as it takes, as its blocking reads have to.
 * BullMQ duplicates it; after `end` has aborted none of the copies connects again.
 */
export function workerConnection(url: string, end: AbortSignal): Redis {
  const retryStrategy = () => (end.aborted ? null : RECONNECT_PAUSE_MS)
  return new Redis(url, { maxRetriesPerRequest: null, retryStrategy })
}

function producerConnection(url: string): Redis {
  return new Redis(url, {
    enableOfflineQueue: false,
    commandTimeout: COMMAND_LIMIT_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => RECONNECT_PAUSE_MS,
  })
}

function bulkOf(job: OutgoingJob): {
  name: string
  data: unknown
  opts: ReturnType<typeof jobOptionsOf>
} {
  return { name: job.name, data: job.envelope, opts: jobOptionsOf(job) }
}

function droppedOf(jobs: readonly OutgoingJob[], added: readonly Job[]): string[] {
  return jobs.filter((job, at) => added[at]?.id !== job.id).map((job) => job.id)
}
