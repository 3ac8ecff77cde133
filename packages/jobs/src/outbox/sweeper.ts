import type { JobLogger } from '../job-logger.ts'
import type { JobsEngine, Unit } from '../unit.ts'
import { WakeUp } from './wake-up.ts'

/** What a sweeper is told. */
export interface SweeperOptions {
  readonly engine: JobsEngine
  readonly logger: JobLogger
  /** Called when rows were given back to the relay. */
  readonly onGivenBack?: () => void
  /** Pause between two rounds. @default one minute */
  readonly everyMs?: number
  /**
   * A job that was handed over so long ago and has not run is handed over again. @default ten
   * minutes
   */
  readonly handAgainAfterMs?: number
  /** How long it is remembered that a job has run. @default 30 days */
  readonly rememberMs?: number
}

const BATCH = 1_000

/**
 * Looks after the two tables: jobs that the queue seems to have lost go back to the relay, rows
 * that are done with go. Any number of sweepers may run.
 */
export class Sweeper {
  readonly #options: Required<SweeperOptions>
  readonly #wakeUp = new WakeUp()
  #running: Promise<void> | undefined
  #stopping = false

  constructor(options: SweeperOptions) {
    this.#options = {
      everyMs: 60_000,
      handAgainAfterMs: 10 * 60_000,
      rememberMs: 30 * 24 * 60 * 60_000,
      onGivenBack: () => {},
      ...options,
    }
  }

  start(): void {
    this.#running ??= this.#run()
  }

  async stop(): Promise<void> {
    this.#stopping = true
    this.#wakeUp.ring()
    await this.#running
  }

  /** One round. Each step works in batches of its own, so that no transaction is long. */
  async sweep(): Promise<void> {
    const { handAgainAfterMs, rememberMs, onGivenBack, logger } = this.#options
    await this.#inBatches(removeRun)
    const givenBack = await this.#inBatches((unit) => giveBack(unit, handAgainAfterMs))
    await this.#inBatches((unit) => forget(unit, rememberMs))
    if (givenBack === 0) return
    logger.warn(
      { jobs: givenBack },
      'jobs did not run long after they were handed over; they are handed over again',
    )
    onGivenBack()
  }

  async #run(): Promise<void> {
    const { everyMs, logger } = this.#options
    while (!this.#stopping) {
      await this.sweep().catch((error: unknown) =>
        logger.warn({ err: error }, 'the sweeper failed; it tries again later'),
      )
      if (!this.#stopping) await this.#wakeUp.wait(everyMs)
    }
  }

  async #inBatches(step: (unit: Unit) => Promise<number>): Promise<number> {
    let total = 0
    for (let count = BATCH; count === BATCH && !this.#stopping; total += count) {
      count = await this.#options.engine.session(step)
    }
    return total
  }
}

/** Rows whose job has run: the relay still held them when it did. */
async function removeRun(unit: Unit): Promise<number> {
  const { rowCount } = await unit.query(
    `delete from aquifer.outbox where id in (
       select id from aquifer.outbox join aquifer.inbox on job_id = id
       where handed_at is not null limit $1 for update of outbox skip locked
     )`,
    [BATCH],
  )
  return rowCount ?? 0
}

async function giveBack(unit: Unit, handAgainAfterMs: number): Promise<number> {
  const { rowCount } = await unit.query(
    `update aquifer.outbox set handed_at = null where id in (
       select id from aquifer.outbox
       where failed_at is null and handed_at < clock_timestamp() - $2 * interval '1 ms'
         and due_at < clock_timestamp() - $2 * interval '1 ms'
       limit $1 for update skip locked
     )`,
    [BATCH, handAgainAfterMs],
  )
  return rowCount ?? 0
}

async function forget(unit: Unit, rememberMs: number): Promise<number> {
  const { rowCount } = await unit.query(
    `with given_up as (
       delete from aquifer.outbox where id in (
         select id from aquifer.outbox where failed_at < clock_timestamp() - $2 * interval '1 ms'
         limit $1 for update skip locked
       )
     )
     delete from aquifer.inbox where job_id in (
       select job_id from aquifer.inbox where at < clock_timestamp() - $2 * interval '1 ms'
       limit $1 for update skip locked
     )`,
    [BATCH, rememberMs],
  )
  return rowCount ?? 0
}
