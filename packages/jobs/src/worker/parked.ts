import { isAquiferError } from '@aquifer/core'
import type { JobContract } from '../contract.ts'
import { open } from '../envelope.ts'
import { JobError } from '../job-error.ts'

/** A job as it came out of the queue. */
export interface ArrivedJob {
  readonly name: string
  readonly data: unknown
  /** When it was enqueued, wall clock in milliseconds. */
  readonly timestamp: number
}

/**
 * What to do with a job: run it, leave it to a newer worker for a while, or give it up with the
 * reason.
 */
export type Triage =
  | { readonly decision: 'run'; readonly payload: unknown }
  | { readonly decision: 'putBack'; readonly reason: JobError }
  | { readonly decision: 'park'; readonly reason: JobError }

/**
 * Looks at a job before it runs. One that no run can help is parked: further attempts would only
 * delay others. A name or a newer version that is not known here may be known to the worker that is
 * being deployed, so that it gets some time.
 */
export async function triage(
  job: ArrivedJob,
  contract: JobContract<unknown> | undefined,
  limits: { readonly nowMs: number; readonly putBackForMs: number },
): Promise<Triage> {
  const mayWait = limits.nowMs - job.timestamp < limits.putBackForMs
  if (contract === undefined)
    return { decision: mayWait ? 'putBack' : 'park', reason: unknownJob(job.name) }
  try {
    return { decision: 'run', payload: await open(contract, job.data) }
  } catch (error) {
    const reason =
      isAquiferError(error) && error.kind === 'job'
        ? (error as JobError)
        : unreadable(job.name, error)
    return { decision: mayWait && isNewer(job.data, contract) ? 'putBack' : 'park', reason }
  }
}

function isNewer(data: unknown, contract: JobContract<unknown>): boolean {
  return (
    typeof data === 'object' && data !== null && 'v' in data && Number(data.v) > contract.version
  )
}

function unknownJob(name: string): JobError {
  return new JobError(
    'JOB_UNKNOWN',
    `no handler for job ${name} is in startWorker({ handlers }): add it or run a newer worker`,
  )
}

function unreadable(name: string, cause: unknown): JobError {
  return new JobError('JOB_PAYLOAD_INVALID', `the schema of job ${name} failed on the payload`, {
    cause,
  })
}
