import { UsageError } from '@aquifer/core'
import type { StandardSchema } from './standard-schema.ts'

/** How long to wait before a failed job is tried again. */
export interface JobBackoff {
  /** `exponential` doubles the wait with each attempt; half of every wait is random. */
  readonly type: 'fixed' | 'exponential'
  /** The first wait, in milliseconds. */
  readonly delayMs: number
}

/** How long finished jobs stay to be looked at, and to be recognised if they come a second time. */
export interface JobRetention {
  /** @default one day */
  readonly completedMs?: number
  /** @default two weeks */
  readonly failedMs?: number
}

/** What a job is: agreed by those who enqueue it and those who run it. */
export interface JobDefinition<Input, Output> {
  /** Unique among the contracts of an application, as `send-welcome`. */
  readonly name: string
  /** Jobs of one queue share its workers; few queues, many names. @default 'default' */
  readonly queue?: string
  /** Raise it with every change of the schema that older payloads do not fit. */
  readonly version: number
  /** Checked when a job is enqueued and again before it runs. */
  readonly schema: StandardSchema<Input, Output>
  /**
   * While a job with this key waits or runs, another one with it is dropped. Unset: every job
   * counts.
   */
  readonly key?: (payload: Input) => string
  /** Runs before the job is given up; crashes of a worker do not count. @default 10 */
  readonly attempts?: number
  /** @default exponential from one second */
  readonly backoff?: JobBackoff
  /** Bounds one run, `prepare` and `apply` together. @default 60 seconds */
  readonly timeoutMs?: number
  readonly retention?: JobRetention
  /**
   * Turns a payload of an older version into one of this version. Unset: older versions are parked.
   */
  readonly upcast?: (payload: unknown, version: number) => unknown
}

/** A definition with everything decided, as `defineJob` returns it. */
export interface JobContract<Input, Output = Input> {
  readonly name: string
  readonly queue: string
  readonly version: number
  readonly schema: StandardSchema<Input, Output>
  readonly key: ((payload: Input) => string) | undefined
  readonly attempts: number
  readonly backoff: JobBackoff
  readonly timeoutMs: number
  readonly retention: Required<JobRetention>
  readonly upcast: ((payload: unknown, version: number) => unknown) | undefined
}

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS
const NAME = /^[A-Za-z][\w.-]*$/

/**
 * States what a job is. Does no I/O; the contract is shared by producers and workers.
 *
 * @throws {UsageError} `JOB_CONTRACT_INVALID`; the message names the rule
 */
export function defineJob<Input, Output = Input>(
  definition: JobDefinition<Input, Output>,
): JobContract<Input, Output> {
  const contract: JobContract<Input, Output> = {
    name: definition.name,
    queue: definition.queue ?? 'default',
    version: definition.version,
    schema: definition.schema,
    key: definition.key,
    attempts: definition.attempts ?? 10,
    backoff: definition.backoff ?? { type: 'exponential', delayMs: 1_000 },
    timeoutMs: definition.timeoutMs ?? MINUTE_MS,
    retention: {
      completedMs: definition.retention?.completedMs ?? DAY_MS,
      failedMs: definition.retention?.failedMs ?? 14 * DAY_MS,
    },
    upcast: definition.upcast,
  }
  const { name, queue, version, attempts, backoff, timeoutMs, retention } = contract
  check(NAME.test(name), name, 'a name has letters, digits, dots, dashes and begins with a letter')
  check(
    NAME.test(queue),
    name,
    'a queue has letters, digits, dots, dashes and begins with a letter',
  )
  check(Number.isInteger(version) && version >= 1, name, 'version is a whole number from 1')
  check(Number.isInteger(attempts) && attempts >= 1, name, 'attempts is a whole number from 1')
  check(backoff.delayMs >= 0, name, 'backoff.delayMs is 0 or more')
  check(timeoutMs > 0, name, 'timeoutMs is above 0')
  // A job that was handed over twice is recognised by the finished one that is still there.
  check(retention.completedMs >= MINUTE_MS, name, 'retention.completedMs is a minute or more')
  check(retention.failedMs >= MINUTE_MS, name, 'retention.failedMs is a minute or more')
  return Object.freeze(contract)
}

function check(holds: boolean, job: string, rule: string): void {
  if (!holds)
    throw new UsageError('JOB_CONTRACT_INVALID', `the contract of job ${job} is wrong: ${rule}`)
}
