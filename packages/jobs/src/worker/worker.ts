import { type Engine, type Session, UsageError } from '@aquifer/core'
import type { JobLogger } from '../job-logger.ts'
import type { RelayHealth } from '../outbox/relay.ts'
import type { JobsEngine } from '../unit.ts'
import { type DrainOptions, drain } from './drain.ts'
import type { Handler } from './handler.ts'
import { OutboxKeeper } from './outbox-keeper.ts'
import { Processor, type RunOutcome } from './processor.ts'
import { QueueWorkers, type QueueWorkersOptions } from './queue-workers.ts'

/** What `startWorker` is told. */
export interface WorkerOptions<DB> {
  /**
   * The engine of the data. It lends each running job one connection at a time; with Redis also one
   * to the relay.
   */
  readonly engine: Engine<DB>
  /**
   * Where BullMQ finds its tables: a profile whose `searchPath` has `bullmq`, and `2 + number of
   * queues` connections or more. Unused with Redis.
   */
  readonly queueEngine?: Pick<JobsEngine, 'pool'> | undefined
  /** Set: jobs come from this Redis, and a relay hands over what the outbox holds. */
  readonly redisUrl?: string | undefined
  readonly handlers: readonly Handler<Session<DB>>[]
  /** Jobs at a time, for each queue. @default 5 */
  readonly concurrency?: number
  readonly logger?: JobLogger
  readonly limits?: WorkerLimits
}

/** Times of a worker, in milliseconds. */
export interface WorkerLimits {
  /**
   * How long a job belongs to a worker that gives no sign of life, and how often lost ones are
   * looked for. A job of a killed worker runs again within about `lockMs + 2 * stalledCheckMs`.
   * With PostgreSQL the clocks of workers have to agree to well below `lockMs`.
   * @default 10 and 5 seconds
   */
  readonly lockMs?: number
  readonly stalledCheckMs?: number
  /**
   * How often a job that only a newer worker knows is looked at, and for how long. @default 5
   * seconds, one hour
   */
  readonly putBackMs?: number
  readonly putBackForMs?: number
  /**
   * With Redis: when a job that was handed over and has not run is handed over again. @default 10
   * minutes
   */
  readonly handAgainAfterMs?: number
  /** How often the outbox and the inbox are looked after. @default one minute */
  readonly sweepEveryMs?: number
}

/** How a worker is doing. */
export interface WorkerHealth {
  /** Whether jobs are being taken. */
  readonly ok: boolean
  readonly transport: 'postgres' | 'redis'
  /** Jobs that are being run. */
  readonly active: number
  /** Runs that have ended since the start, by how. */
  readonly runs: Readonly<Record<RunOutcome, number>>
  /** With Redis. */
  readonly relay?: RelayHealth
}

/** A worker that runs. */
export interface RunningWorker extends AsyncDisposable {
  /** Stops within a bounded time; a second call waits for the first. The engines stay open. */
  stop(options?: DrainOptions): Promise<void>
  health(): WorkerHealth
}

/**
 * Runs jobs until it is stopped. A job whose process dies runs again elsewhere; its writes happen
 * once.
 *
 * @throws {UsageError} `JOB_HANDLER_TAKEN`, `QUEUE_MISSING`; {JobError} `JOB_SCHEMA_MISSING`
 */
export async function startWorker<DB>(options: WorkerOptions<DB>): Promise<RunningWorker> {
  const {
    engine,
    queueEngine,
    redisUrl,
    handlers,
    concurrency = 5,
    logger = silent,
    limits = {},
  } = options
  assertUniqueNames(handlers)
  const {
    lockMs = 10_000,
    stalledCheckMs = 5_000,
    putBackMs = 5_000,
    putBackForMs = 60 * 60_000,
  } = limits
  const processor = new Processor({ engine, handlers, logger, putBackMs, putBackForMs })
  const workers = new QueueWorkers({
    queues: [...new Set(handlers.map(({ contract }) => contract.queue))],
    process: processor.process,
    source: sourceOf(queueEngine, redisUrl),
    name: `${engine.profile.service}-${process.pid}`,
    concurrency,
    lockMs,
    stalledCheckMs,
    logger,
  })
  try {
    await workers.start()
  } catch (error) {
    await workers.close(true)
    throw error
  }
  const outbox = new OutboxKeeper({ engine, redisUrl, limits, logger })

  let stopping: Promise<void> | undefined
  const stop = async (drainOptions?: DrainOptions) => {
    processor.stop()
    await outbox.stop()
    const abort = () => workers.abort('the worker stops')
    const pause = () => workers.pause()
    const close = (force: boolean) => workers.close(force)
    const parts = {
      active: () => processor.active,
      idle: () => processor.idle(),
      pause,
      abort,
      close,
      logger,
    }
    await drain(parts, drainOptions)
    workers.disconnect()
    await outbox.close()
  }
  const running: RunningWorker = {
    stop: (drainOptions) => {
      stopping ??= stop(drainOptions)
      return stopping
    },
    health: () => ({
      ok: workers.running && stopping === undefined,
      transport: redisUrl === undefined ? 'postgres' : 'redis',
      active: processor.active,
      runs: { ...processor.runs },
      ...outbox.health(),
    }),
    [Symbol.asyncDispose]: () => running.stop(),
  }
  return running
}

function sourceOf(
  queueEngine: Pick<JobsEngine, 'pool'> | undefined,
  redisUrl: string | undefined,
): QueueWorkersOptions['source'] {
  if (redisUrl !== undefined) return { redisUrl }
  if (queueEngine !== undefined) return { pool: queueEngine.pool }
  throw new UsageError(
    'QUEUE_MISSING',
    'startWorker() needs to know where jobs are: give it a queueEngine or a redisUrl',
  )
}

function assertUniqueNames<DB>(handlers: readonly Handler<Session<DB>>[]): void {
  const names = handlers.map(({ contract }) => contract.name)
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice !== undefined)
    throw new UsageError('JOB_HANDLER_TAKEN', `two handlers are for job ${twice}: keep one`)
}

const silent: JobLogger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
