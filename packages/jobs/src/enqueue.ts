import { UsageError } from '@aquifer/core'
import { type Carrier, JobBuffer } from './buffer.ts'
import type { JobContract } from './contract.ts'
import { type Envelope, seal } from './envelope.ts'
import { newJobId } from './job-id.ts'
import { putIntoOutbox } from './outbox/outbox.ts'
import { OutboxNotice } from './outbox/outbox-notice.ts'
import { PostgresTransport } from './transport/bullmq-postgres.ts'
import type { OutgoingJob } from './transport/transport.ts'
import type { JobsEngine, JobsSession } from './unit.ts'

/** What `createJobs` is told. */
export interface JobsOptions {
  /** The engine whose transactions jobs commit with. */
  readonly engine: JobsEngine
  /**
   * Set: jobs leave through the outbox, and the worker's relay hands them to this Redis. No
   * connection is made here.
   */
  readonly redisUrl?: string | undefined
  /** Every job that this process may enqueue. */
  readonly contracts: readonly Pick<JobContract<unknown>, 'name' | 'queue'>[]
}

/** What may differ from job to job. */
export interface EnqueueOptions {
  /** Instead of the contract's key. */
  readonly key?: string
  /** The earliest moment to run, counted from now. @default 0 */
  readonly delayMs?: number
  /** The session to take part in. @default the one around the call */
  readonly session?: JobsSession
}

/** A producer of jobs; one for the process, made by `createJobs`. */
export class Jobs implements AsyncDisposable {
  readonly #engine: JobsEngine
  readonly #contracts: ReadonlySet<unknown>
  readonly #buffer: JobBuffer
  readonly #close: () => Promise<void>

  constructor({ engine, redisUrl, contracts }: JobsOptions) {
    this.#engine = engine
    this.#contracts = new Set(contracts)
    assertUniqueNames(contracts)
    const { carrier, close } = redisUrl === undefined ? intoQueue() : intoOutbox(engine)
    this.#buffer = new JobBuffer(engine, carrier)
    this.#close = close
  }

  /**
   * Enqueues a job together with the data: in the session around the call it runs if and only if
   * that commits; without one it is enqueued when the promise resolves.
   *
   * @returns the job's id. A job that is dropped because its key is taken has one too
   * @throws {JobError} `JOB_PAYLOAD_INVALID`; {UsageError} `JOB_NOT_LISTED`
   */
  async enqueue<Input, Output>(
    contract: JobContract<Input, Output>,
    payload: Input,
    options: EnqueueOptions = {},
  ): Promise<string> {
    if (!this.#contracts.has(contract)) throw notListed(contract.name)
    // Looked up before the first await: a call that nobody awaits must not slip out of the unit
    // that it was made in.
    const session = options.session ?? this.#engine.currentSession()
    const envelope = await seal(contract, payload)
    const job = outgoing(
      contract,
      envelope,
      options.key ?? contract.key?.(payload),
      options.delayMs ?? 0,
    )
    await this.#buffer.add(job, session)
    return job.id
  }

  /** Sends what is under way and lets go of BullMQ; the engine stays open. */
  async close(): Promise<void> {
    await this.#close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

/** A producer of jobs. Does no I/O. */
export function createJobs(options: JobsOptions): Jobs {
  return new Jobs(options)
}

function outgoing<Input, Output>(
  contract: JobContract<Input, Output>,
  envelope: Envelope,
  key: string | undefined,
  delayMs: number,
): OutgoingJob {
  const { name, queue, attempts, backoff, retention } = contract
  const dedupKey = key === undefined ? undefined : `${name}/${key}`
  const policy = { attempts, backoff, retention, dedupKey }
  return { id: newJobId(), queue, name, envelope, policy, createdAt: Date.now(), delayMs }
}

function intoQueue(): { carrier: Carrier; close: () => Promise<void> } {
  const transport = new PostgresTransport()
  const carry: Carrier['carry'] = async (unit, jobs) => {
    await transport.add(jobs, unit)
  }
  // The notice to workers is part of the transaction: PostgreSQL sends it at COMMIT.
  return { carrier: { carry, committed: () => {} }, close: () => transport[Symbol.asyncDispose]() }
}

function intoOutbox(engine: JobsEngine): { carrier: Carrier; close: () => Promise<void> } {
  const notice = new OutboxNotice(engine.pool)
  return {
    carrier: { carry: putIntoOutbox, committed: () => notice.send() },
    close: () => notice.settled(),
  }
}

function assertUniqueNames(contracts: JobsOptions['contracts']): void {
  const names = contracts.map(({ name }) => name)
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice === undefined) return
  throw new UsageError(
    'JOB_NAME_TAKEN',
    `two contracts are named ${twice}: a job is found by its name, so give one another`,
  )
}

function notListed(name: string): UsageError {
  return new UsageError(
    'JOB_NOT_LISTED',
    `job ${name} was enqueued, but its contract is not in createJobs({ contracts }): add it`,
  )
}
