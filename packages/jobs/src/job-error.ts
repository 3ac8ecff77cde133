import { AquiferError } from '@aquifer/core'

/** What a `JobError` may be about. */
export type JobErrorCode =
  /** The payload does not fit the contract's schema, or is not JSON. */
  | 'JOB_PAYLOAD_INVALID'
  /** No contract or no handler has this name. */
  | 'JOB_UNKNOWN'
  /** The job was written by a version of the contract that this process does not know. */
  | 'JOB_VERSION_UNKNOWN'
  /** The handler took longer than the contract's `timeoutMs`. */
  | 'JOB_TIMEOUT'
  /** The database lacks the tables of the queue: `aquifer upgrade` makes them. */
  | 'JOB_SCHEMA_MISSING'
  /** The backend of the queue did not answer as this version of Aquifer expects. */
  | 'JOB_BACKEND_UNEXPECTED'

/** A job could not be enqueued or run. Its message names the job, never what is in its payload. */
export class JobError extends AquiferError {
  override readonly name = 'JobError'
  declare readonly code: JobErrorCode

  constructor(
    code: JobErrorCode,
    message: string,
    details: { cause?: unknown; retryable?: boolean } = {},
  ) {
    super(code, 'job', message, details)
  }
}

/** The error for a database that was not upgraded. */
export function schemaMissing(cause: unknown): JobError {
  return new JobError(
    'JOB_SCHEMA_MISSING',
    'the database has no tables for jobs: list jobsSchema() in aquifer.config.ts and run ' +
      '`aquifer upgrade`',
    { cause },
  )
}
