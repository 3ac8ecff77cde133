export {
  type RunningWorker,
  startWorker,
  type WorkerHealth,
  type WorkerLimits,
  type WorkerOptions,
} from './worker.ts'
export { defineHandler, type Handler, type HandlerDefinition, type JobContext } from './handler.ts'
export { sessionPerJob } from './session-per-job.ts'
export type { InboxEntry } from '../inbox.ts'
export type { DrainOptions } from './drain.ts'
export type { JobLogger } from '../job-logger.ts'
export type { RelayHealth } from '../outbox/relay.ts'
export type { RunOutcome } from './processor.ts'
