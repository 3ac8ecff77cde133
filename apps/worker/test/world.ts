import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type AppEngine, findUserById, openEngine, type UserRow } from '@app/db'
import { makeUser } from '@app/db/factories'
import { sendWelcome } from '@app/db/jobs'
import { migrate } from '@app/db/migrations'
import { createTestDatabase, testRedis } from '@aquifer/embedded'
import { createJobs, type Jobs } from '@aquifer/jobs'
import { inject, type TestContext } from 'vitest'
import { WorkerProcess } from './worker-process.ts'

/** A migrated database, a producer as the API has one, and a folder for the worker's files. */
export class World implements AsyncDisposable {
  readonly #stack: AsyncDisposableStack
  readonly #env: Record<string, string>
  readonly engine: AppEngine
  readonly jobs: Jobs
  readonly dataDir: string

  private constructor(
    stack: AsyncDisposableStack,
    parts: { engine: AppEngine; jobs: Jobs; dataDir: string; env: Record<string, string> },
  ) {
    this.#stack = stack
    this.#env = parts.env
    this.engine = parts.engine
    this.jobs = parts.jobs
    this.dataDir = parts.dataDir
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
    const { url } = stack.use(await createTestDatabase(inject('databaseUrl')))
    const engine = stack.use(await openEngine('migrations', { DATABASE_URL: url }))
    await migrate(engine)
    const jobs = stack.use(createJobs({ engine, redisUrl: redis?.url, contracts: [sendWelcome] }))
    const dataDir = await mkdtemp(join(tmpdir(), 'aquifer-worker-'))
    stack.defer(() => rm(dataDir, { recursive: true, force: true }))
    const env = { DATABASE_URL: url, REDIS_URL: redis?.url ?? '', AQUIFER_DATA_DIR: dataDir }
    return new World(stack.move(), { engine, jobs, dataDir, env })
  }

  /** A worker over this world; killed with it unless it has ended. */
  worker(env: Record<string, string> = {}): WorkerProcess {
    return this.#stack.use(new WorkerProcess({ ...this.#env, ...env }))
  }

  /** A new user, and the job that is to welcome them, in one transaction. */
  register(): Promise<{ user: UserRow; jobId: string }> {
    return this.engine.session(async ({ db }) => {
      const user = await makeUser(db)
      return { user, jobId: await this.jobs.enqueue(sendWelcome, { userId: user.id }) }
    })
  }

  async isWelcomed({ id }: UserRow): Promise<boolean> {
    return (await findUserById(this.engine.db, id))?.welcomedAt instanceof Date
  }

  /** The texts of the mails by file name. */
  async mails(): Promise<Record<string, string>> {
    const folder = join(this.dataDir, 'mail')
    const names = await readdir(folder).catch(() => [])
    const texts = names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')])
    return Object.fromEntries(await Promise.all(texts))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync()
  }
}

/** Asks until the answer is true; the test's own limit ends it. */
export async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await delay(20)
}
