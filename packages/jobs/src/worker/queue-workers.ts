import type { PgPool } from '@aquifer/core'
import {
  createPostgresBackend,
  type Job,
  SchemaMigrationRequiredError,
  Worker,
  type WorkerOptions,
} from 'bullmq'
import type { Redis } from 'ioredis'
import { schemaMissing } from '../job-error.ts'
import type { JobLogger } from '../job-logger.ts'
import { workerConnection } from '../transport/bullmq-redis.ts'
import { pgShapeOf } from '../transport/pg-shape.ts'

/** What the workers of all queues share. */
export interface QueueWorkersOptions {
  readonly queues: readonly string[]
  readonly process: (
    job: Job,
    token: string | undefined,
    signal: AbortSignal | undefined,
  ) => Promise<string>
  /** Where BullMQ finds the jobs: a pool whose search_path has the schema bullmq, or a Redis. */
  readonly source: { readonly pool: PgPool } | { readonly redisUrl: string }
  /** Stored with every job that they run. */
  readonly name: string
  readonly concurrency: number
  readonly lockMs: number
  readonly stalledCheckMs: number
  readonly logger: JobLogger
}

// Crashes must never fail a job, however many there are; the column is a 32-bit integer.
const CRASHES_WITHOUT_LIMIT = 2_147_483_647
const RETRY_PAUSE_MS = 1_000

/** BullMQ's workers, one for each queue. */
export class QueueWorkers {
  readonly #workers: readonly Worker[]
  readonly #redis: Redis | undefined
  readonly #end = new AbortController()
  readonly #logger: JobLogger

  constructor(options: QueueWorkersOptions) {
    const { source, queues, logger } = options
    this.#logger = logger
    this.#redis =
      'redisUrl' in source ? workerConnection(source.redisUrl, this.#end.signal) : undefined
    this.#redis?.on('error', (error) =>
      logger.debug({ err: error }, 'the connection to Redis failed'),
    )
    this.#workers = queues.map((queue) => this.#create(queue, options))
  }

  /**
   * Looks at the schema, if the jobs are in PostgreSQL, and begins. A Redis that is away is waited
   * for.
   */
  async start(): Promise<void> {
    if (this.#redis === undefined) await this.#lookAtSchema()
    for (const worker of this.#workers) {
      worker
        .run()
        .catch((error: unknown) =>
          this.#logger.error({ err: error, queue: worker.name }, 'a worker ended'),
        )
    }
  }

  get running(): boolean {
    const connected = this.#redis === undefined || this.#redis.status === 'ready'
    return connected && this.#workers.every((worker) => worker.isRunning() && !worker.isPaused())
  }

  async pause(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.pause(true)))
  }

  abort(reason: string): void {
    for (const worker of this.#workers) worker.cancelAllJobs(reason)
  }

  async close(force: boolean): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.close(force)))
    this.disconnect()
  }

  /** Cuts what `close` could not end. */
  disconnect(): void {
    this.#end.abort()
    this.#redis?.disconnect()
  }

  async #lookAtSchema(): Promise<void> {
    try {
      await Promise.all(this.#workers.map((worker) => worker.waitUntilReady()))
    } catch (error) {
      throw error instanceof SchemaMigrationRequiredError ? schemaMissing(error) : error
    }
  }

  #create(queue: string, options: QueueWorkersOptions): Worker {
    const { process, source, name, concurrency, lockMs, stalledCheckMs } = options
    const settings = {
      name,
      concurrency,
      lockDuration: lockMs,
      stalledInterval: stalledCheckMs,
      maxStalledCount: CRASHES_WITHOUT_LIMIT,
      runRetryDelay: RETRY_PAUSE_MS,
      autorun: false,
    }
    const worker =
      'pool' in source
        ? (new Worker(
            queue,
            process,
            { ...settings, connection: pgShapeOf(source.pool) },
            createPostgresBackend,
          ) as unknown as Worker)
        : new Worker(queue, process, { ...settings, connection: this.#redis } as WorkerOptions)
    this.#report(worker)
    return worker
  }

  #report(worker: Worker): void {
    const queue = worker.name
    const log = this.#logger
    worker.on('error', (error) => log.warn({ err: error, queue }, 'the queue reports an error'))
    worker.on('stalled', (jobId) =>
      log.warn({ jobId, queue }, 'job taken over from a worker that was lost'),
    )
    worker.on('completed', (job, result) =>
      log.info({ jobId: job.id, job: job.name, attempt: job.attemptsMade, result }, 'job done'),
    )
    worker.on('failed', (job, error) => {
      const isLast = job?.finishedOn !== undefined
      const fields = { jobId: job?.id, job: job?.name, attempt: job?.attemptsMade, err: error }
      if (isLast) log.error(fields, 'job given up')
      else log.warn(fields, 'job failed; it is tried again')
    })
  }
}
