import { Deadline, type Engine, type Session } from '@aquifer/core'
import { DelayedError, type Job, UnrecoverableError, WaitingError } from 'bullmq'
import { isInInbox } from '../inbox.ts'
import { JobError } from '../job-error.ts'
import type { JobLogger } from '../job-logger.ts'
import { markGivenUp } from '../outbox/outbox.ts'
import type { Handler, JobContext } from './handler.ts'
import { triage } from './parked.ts'
import { sessionPerJob } from './session-per-job.ts'

/** What a processor is told. */
export interface ProcessorOptions<DB> {
  readonly engine: Engine<DB>
  readonly handlers: readonly Handler<Session<DB>>[]
  readonly logger: JobLogger
  /** How often a job that is not known here is looked at again. */
  readonly putBackMs: number
  /** Since when it was enqueued, until it is parked. */
  readonly putBackForMs: number
}

/**
 * How a run ended: its effect is committed now, or was before; it failed and is tried again, or for
 * the last time; it was left to a newer worker, or went back into the queue because this one stops.
 */
export type RunOutcome = 'done' | 'skipped' | 'failed' | 'givenUp' | 'putBack' | 'released'

/** Runs jobs, whichever queue they come from: the part between BullMQ and the handlers. */
export class Processor<DB> {
  readonly #options: ProcessorOptions<DB>
  readonly #handlers: ReadonlyMap<string, Handler<Session<DB>>>
  readonly #running = new Set<Promise<unknown>>()
  /** Runs that have ended, by how. */
  readonly runs: Record<RunOutcome, number> = {
    done: 0,
    skipped: 0,
    failed: 0,
    givenUp: 0,
    putBack: 0,
    released: 0,
  }
  #stopping = false

  constructor(options: ProcessorOptions<DB>) {
    this.#options = options
    this.#handlers = new Map(options.handlers.map((handler) => [handler.contract.name, handler]))
  }

  /** Jobs that are being run. */
  get active(): number {
    return this.#running.size
  }

  /** From now on jobs that still arrive go back into their queue. */
  stop(): void {
    this.#stopping = true
  }

  /** Resolves when no job is being run. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running)
  }

  /** BullMQ's processor. It has to declare the signal: one with fewer parameters gets none. */
  readonly process = (
    job: Job,
    token: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<string> => {
    const run = this.#process(job, token ?? '', signal ?? new AbortController().signal)
    this.#running.add(run)
    const done = () => this.#running.delete(run)
    run.then(done, done)
    return run
  }

  async #process(job: Job, token: string, stop: AbortSignal): Promise<string> {
    if (this.#stopping) return this.#release(job, token)
    const handler = this.#handlers.get(job.name)
    const { putBackForMs } = this.#options
    const verdict = await triage(job, handler?.contract, { nowMs: Date.now(), putBackForMs })
    if (verdict.decision === 'putBack') return this.#putBack(job, token, verdict.reason)
    if (verdict.decision === 'park') return this.#park(job, verdict.reason)
    try {
      const outcome = await this.#run(job, handler as Handler<Session<DB>>, verdict.payload, stop)
      this.runs[outcome] += 1
      return outcome
    } catch (error) {
      if (stop.aborted) return this.#release(job, token)
      const isLast = job.attemptsMade + 1 >= (job.opts.attempts ?? 1)
      if (isLast) await this.#giveUp(job)
      else this.runs.failed += 1
      throw error
    }
  }

  async #run(
    job: Job,
    handler: Handler<Session<DB>>,
    payload: unknown,
    stop: AbortSignal,
  ): Promise<'done' | 'skipped'> {
    const { contract } = handler
    const entry = { jobId: job.id as string, queue: job.queueName, name: job.name }
    const deadline = Deadline.after(contract.timeoutMs)
    const signal = AbortSignal.any([stop, deadline.signal])
    const context: JobContext<unknown> = {
      payload,
      jobId: entry.jobId,
      attempt: job.attemptsMade + 1,
      signal,
    }
    try {
      const prepared = await this.#prepare(handler, context)
      if (prepared === alreadyRun) return 'skipped'
      const apply = (session: Session<DB>) => handler.apply(session, prepared, context)
      const isFirst = await sessionPerJob(this.#options.engine, entry, apply, { deadline, signal })
      return isFirst ? 'done' : 'skipped'
    } catch (cause) {
      throw deadline.signal.aborted && !stop.aborted
        ? timedOut(job.name, contract.timeoutMs, cause)
        : cause
    }
  }

  /**
   * Only a handler with effects outside of the database needs to know in advance whether the job
   * has run.
   */
  async #prepare(handler: Handler<Session<DB>>, context: JobContext<unknown>): Promise<unknown> {
    const { prepare } = handler
    if (prepare === undefined) return undefined
    const { engine } = this.#options
    const read = { mode: 'autocommit', propagation: 'new', signal: context.signal } as const
    if (await engine.session((session) => isInInbox(session, context.jobId), read))
      return alreadyRun
    return untilAborted(Promise.resolve(prepare(context)), context.signal)
  }

  async #putBack(job: Job, token: string, { code }: JobError): Promise<never> {
    const { logger, putBackMs } = this.#options
    logger.warn({ jobId: job.id, job: job.name, code }, 'job left to a newer worker')
    await job.moveToDelayed(Date.now() + putBackMs, token)
    this.runs.putBack += 1
    throw new DelayedError()
  }

  async #release(job: Job, token: string): Promise<never> {
    await job.moveToWait(token)
    this.runs.released += 1
    throw new WaitingError()
  }

  async #park(job: Job, reason: JobError): Promise<never> {
    await this.#giveUp(job)
    throw new UnrecoverableError(`${reason.code}: ${reason.message}`)
  }

  async #giveUp(job: Job): Promise<void> {
    this.runs.givenUp += 1
    const { engine, logger } = this.#options
    const jobId = job.id as string
    // Without the mark the job is handed over again, and the queue, which still has it, changes
    // nothing.
    await engine
      .session((session) => markGivenUp(session, jobId), { propagation: 'new' })
      .catch((error: unknown) =>
        logger.warn({ err: error, jobId }, 'the outbox could not be told that a job was given up'),
      )
  }
}

const alreadyRun = Symbol('already run')

/**
 * A `prepare` that does not listen to its signal is left behind: the job's slot must not be lost
 * with it.
 */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const { promise, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

function timedOut(name: string, timeoutMs: number, cause: unknown): JobError {
  return new JobError(
    'JOB_TIMEOUT',
    `job ${name} took longer than the ${timeoutMs} ms of its contract`,
    { cause },
  )
}
