import type { JobsOptions } from 'bullmq'
import type { OutgoingJob } from './transport.ts'

/** What BullMQ calls the policy of a job. */
export function jobOptionsOf(job: OutgoingJob): JobsOptions & { jobId: string } {
  const { attempts, backoff, retention, dedupKey } = job.policy
  return {
    jobId: job.id,
    timestamp: job.createdAt,
    ...(job.delayMs > 0 && { delay: job.delayMs }),
    attempts,
    backoff: { type: backoff.type, delay: backoff.delayMs, jitter: 0.5 },
    ...(dedupKey !== undefined && { deduplication: { id: dedupKey } }),
    // By age alone: BullMQ keeps a count by sorting every finished job each time that one finishes.
    removeOnComplete: { age: Math.ceil(retention.completedMs / 1000) },
    removeOnFail: { age: Math.ceil(retention.failedMs / 1000) },
  }
}
