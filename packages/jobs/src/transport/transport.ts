import type { JobBackoff, JobRetention } from '../contract.ts'
import type { Envelope } from '../envelope.ts'

/** How a job is to be run: what its contract said when it was enqueued. */
export interface JobPolicy {
  readonly attempts: number
  readonly backoff: JobBackoff
  readonly retention: Required<JobRetention>
  /** While a job with this key waits or runs, another one with it is dropped. */
  readonly dedupKey?: string | undefined
}

/** A job on its way from a producer to a queue, in the words of no backend. */
export interface OutgoingJob {
  readonly id: string
  readonly queue: string
  readonly name: string
  readonly envelope: Envelope
  readonly policy: JobPolicy
  /** Wall clock of the producer, in milliseconds. */
  readonly createdAt: number
  /** Counted from `createdAt`. */
  readonly delayMs: number
}

/**
 * Puts jobs into the queues of a backend. Adding a job whose id is there already changes nothing.
 */
export interface Transport extends AsyncDisposable {
  /** @returns the ids of jobs that were dropped because their key is taken */
  add(jobs: readonly OutgoingJob[]): Promise<readonly string[]>
}
