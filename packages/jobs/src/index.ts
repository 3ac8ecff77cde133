export {
  type JobBackoff,
  type JobContract,
  type JobDefinition,
  type JobRetention,
  defineJob,
} from './contract.ts'
export type { SchemaIssue, SchemaResult, StandardSchema } from './standard-schema.ts'
export { createJobs, type EnqueueOptions, type Jobs, type JobsOptions } from './enqueue.ts'
export type { JobsEngine, JobsSession } from './unit.ts'
export { JobError, type JobErrorCode } from './job-error.ts'
