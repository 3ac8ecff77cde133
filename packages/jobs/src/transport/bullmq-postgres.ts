import { AsyncLocalStorage } from 'node:async_hooks'
import type { PgClient } from '@aquifer/core'
import {
  createPostgresBackend,
  FlowProducer,
  type JobNode,
  type PostgresConnectionOptions,
  type PostgresQueueBackend,
  SchemaMigrationRequiredError,
} from 'bullmq'
import { JobError, schemaMissing } from '../job-error.ts'
import type { Unit } from '../unit.ts'
import { jobOptionsOf } from './job-options.ts'
import { asPgError, type PgShape } from './pg-shape.ts'
import type { OutgoingJob } from './transport.ts'

type Producer = FlowProducer<PostgresQueueBackend, PostgresConnectionOptions>

/**
 * Puts jobs into BullMQ's tables inside the caller's transaction, in one statement for all queues.
 * One for the process.
 *
 * BullMQ believes that it talks to a pool of its own; each of its statements goes to the unit on
 * whose behalf it was asked. It is the flow producer and not the queue that is asked: it writes
 * nothing but jobs (a queue also writes its settings), and `add_flow` takes the locks of keys in
 * one order and makes no temporary tables, which costs a transaction with one job a quarter of what
 * `add_jobs_bulk` does.
 */
export class PostgresTransport {
  readonly #asking = new AsyncLocalStorage<Unit & { failure?: unknown }>()
  #producer: Producer | undefined
  #opening: Promise<Producer> | undefined

  /**
   * Writes the jobs through `unit`.
   *
   * @returns the ids of jobs that were dropped because their key is taken
   * @throws {JobError} `JOB_SCHEMA_MISSING`, `JOB_BACKEND_UNEXPECTED`; or what the server refused
   */
  async add(jobs: readonly OutgoingJob[], unit: Unit): Promise<readonly string[]> {
    const asking: Unit & { failure?: unknown } = {
      query: (text, values) => unit.query(text, values),
    }
    return this.#asking.run(asking, async () => {
      const added = await this.#send(jobs).catch((error: unknown) => {
        throw error instanceof JobError ? error : (asking.failure ?? error)
      })
      // A flow producer reports a failed statement to nobody.
      if (asking.failure !== undefined) throw asking.failure
      return jobs.filter((job, at) => added[at]?.job.id !== job.id).map((job) => job.id)
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#producer?.close()
  }

  async #send(jobs: readonly OutgoingJob[]): Promise<readonly JobNode[]> {
    const producer = await this.#ready()
    return producer.addBulk(jobs.map(flowOf))
  }

  /**
   * The producer, once the schema has been looked at. A look that failed is the failure of its own
   * unit alone.
   */
  async #ready(): Promise<Producer> {
    while (this.#producer === undefined) {
      if (this.#opening !== undefined) {
        await this.#opening.catch(() => {})
        continue
      }
      this.#opening = this.#open()
      try {
        this.#producer = await this.#opening
      } finally {
        this.#opening = undefined
      }
    }
    return this.#producer
  }

  async #open(): Promise<Producer> {
    const producer = new FlowProducer({ connection: this.#shape() }, createPostgresBackend)
    producer.on('error', () => {})
    try {
      await producer.waitUntilReady()
      return producer
    } catch (cause) {
      throw cause instanceof SchemaMigrationRequiredError ? schemaMissing(cause) : cause
    }
  }

  #shape(): PgShape {
    const query: PgShape['query'] = async (text, values) => {
      const asking = this.#asking.getStore()
      if (asking === undefined) throw unexpected('sent a statement on nobody’s behalf')
      try {
        return await asking.query(qualified(text), values)
      } catch (error) {
        asking.failure = error
        throw asPgError(error)
      }
    }
    const shape: PgShape = {
      options: { keepAlive: true },
      query,
      connect: async () => ({ query, release: () => {} }) as unknown as PgClient,
      end: () => Promise.resolve(),
      on: () => shape,
      removeAllListeners: () => shape,
    }
    return shape
  }
}

function flowOf(job: OutgoingJob): {
  name: string
  queueName: string
  data: unknown
  opts: ReturnType<typeof jobOptionsOf>
} {
  return { name: job.name, queueName: job.queue, data: job.envelope, opts: jobOptionsOf(job) }
}

/**
 * A session's search_path is its owner's, so that BullMQ's functions have to be named with their
 * schema.
 */
function qualified(text: string): string {
  if (text.includes('FROM "bullmq".migration')) return text
  if (text.includes(' FROM add_flow('))
    return text.replace(' FROM add_flow(', ' FROM bullmq.add_flow(')
  throw unexpected(`sent a statement that is not known here: ${text}`)
}

function unexpected(what: string): JobError {
  return new JobError(
    'JOB_BACKEND_UNEXPECTED',
    `BullMQ ${what}. Its version is pinned for this reason: use the pinned one`,
  )
}
