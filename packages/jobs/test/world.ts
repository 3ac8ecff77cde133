import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import {
  createEngine,
  type DatabaseOf,
  defineModel,
  type Engine,
  type Profile,
  presets,
  type Session,
} from '@aquifer/core'
import * as c from '@aquifer/core/columns'
import { createTestDatabase, testRedis } from '@aquifer/embedded'
import { inject, type TestContext } from 'vitest'
import { z } from 'zod'
import { jobsSchema } from '../src/commands/index.ts'
import {
  createJobs,
  defineJob,
  type JobContract,
  type Jobs,
  type JobsOptions,
} from '../src/index.ts'
import {
  defineHandler,
  type Handler,
  type JobLogger,
  type WorkerOptions,
} from '../src/worker/index.ts'

const models = { note: defineModel('note', { jobId: c.text(), text: c.text() }) }

/** The tables of the tests. */
export type TestDatabase = DatabaseOf<typeof models>

/** What their handlers get. */
export type TestSession = Session<TestDatabase>

/** The payload of most tests' jobs: each run that commits leaves one row with the text. */
export interface Note {
  text: string
}

/** The contract of most tests, on a queue of the test's own: a Redis may be shared. */
export function noteContract(queue: string, version = 1): JobContract<Note> {
  return defineJob({
    name: 'note',
    queue,
    version,
    schema: z.object({ text: z.string() }),
    attempts: 3,
    backoff: { type: 'fixed', delayMs: 10 },
  })
}

/** The effect of most tests; were it applied twice, there would be two rows. */
export async function insertNote(session: TestSession, jobId: string, text: string): Promise<void> {
  await session.db.insertInto('note').values({ jobId, text }).execute()
}

/** A handler that has no other effect. */
export function writeNote(contract: JobContract<Note>): Handler<TestSession> {
  return defineHandler(contract, {
    apply: (session: TestSession, _prepared, { payload, jobId }) =>
      insertNote(session, jobId, payload.text),
  })
}

/** The engine of a test's data, or with `bullmq` in its search path that of the queue. */
export function engineOf(url: string, overrides: Partial<Profile> = {}): Engine<TestDatabase> {
  const profile = {
    ...presets.worker,
    url,
    service: 'test',
    version: '0',
    size: 8,
    drainTimeoutMs: 500,
    ...overrides,
  }
  return createEngine({ profile, models })
}

/** A database with the tables of jobs, engines on it, and a Redis if the jobs are to go there. */
export class World implements AsyncDisposable {
  readonly url: string
  readonly redisUrl: string | undefined
  readonly engine: Engine<TestDatabase>
  readonly queueEngine: Engine<TestDatabase>
  readonly note: JobContract<Note>
  readonly #stack: AsyncDisposableStack

  private constructor(stack: AsyncDisposableStack, url: string, redisUrl: string | undefined) {
    this.#stack = stack
    this.url = url
    this.redisUrl = redisUrl
    this.engine = stack.use(engineOf(url))
    this.queueEngine = stack.use(engineOf(url, { name: 'queue', searchPath: ['bullmq', 'public'] }))
    this.note = noteContract(`test-${randomUUID()}`)
  }

  /** Skips the test if the jobs are to go to a Redis and there is none. */
  static async open(
    transport: 'postgres' | 'redis',
    { skip }: Pick<TestContext, 'skip'>,
  ): Promise<World> {
    await using stack = new AsyncDisposableStack()
    const redis = transport === 'redis' ? await testRedis() : undefined
    if (redis) stack.use(redis)
    else if (transport === 'redis') skip('no redis-server on the PATH and no TEST_REDIS_URL')
    return World.over(redis?.url, stack.move())
  }

  /** The same with a Redis of the test's own; `stack` is disposed with the world. */
  static async over(redisUrl?: string, stack = new AsyncDisposableStack()): Promise<World> {
    await using building = stack
    const database = building.use(await createTestDatabase(inject('databaseUrl')))
    const world = new World(building.move(), database.url, redisUrl)
    await jobsSchema().upgrade(world.engine, () => {})
    await world.query('create table public.note (job_id text not null, text text not null)')
    return world
  }

  /** A producer, closed with the world. */
  jobs(contracts: JobsOptions['contracts'] = [this.note]): Jobs {
    const { engine, redisUrl } = this
    return this.#stack.use(createJobs({ engine, contracts, redisUrl }))
  }

  /** What a worker needs, with times that suit a test. */
  workerOptions(
    handlers: readonly Handler<TestSession>[] = [writeNote(this.note)],
  ): WorkerOptions<TestDatabase> {
    const { engine, queueEngine, redisUrl } = this
    const limits = { lockMs: 1_000, stalledCheckMs: 200, putBackMs: 50, sweepEveryMs: 100 }
    return { engine, queueEngine, redisUrl, handlers, limits }
  }

  async query<Row = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<Row[]> {
    return (await this.engine.pool.query<Row>(text, values)).rows
  }

  /** The texts of the committed effects. */
  async notes(): Promise<string[]> {
    const rows = await this.engine.db.selectFrom('note').select('text').orderBy('text').execute()
    return rows.map(({ text }) => text)
  }

  /** Jobs that are on their way: in the outbox, or with PostgreSQL in the queue. */
  async waiting(): Promise<number> {
    const table = this.redisUrl === undefined ? 'bullmq.job' : 'aquifer.outbox'
    return (await this.query(`select from ${table}`)).length
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync()
  }
}

/** Collects what a worker says about its jobs. */
export function recorder(): {
  logger: JobLogger
  said: (message: string) => Record<string, unknown>[]
} {
  const lines: { message: string; fields: object }[] = []
  const log = (fields: object, message: string) => void lines.push({ message, fields })
  return {
    logger: { debug: log, info: log, warn: log, error: log },
    said: (message) =>
      lines.filter((line) => line.message === message).map(({ fields }) => ({ ...fields })),
  }
}

/** Asks until the answer is true; the test's own limit ends it. */
export async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await delay(20)
}
