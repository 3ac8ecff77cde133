export { type AquiferConfig, type ConfigInput, defineConfig, type SchemaStep } from './config.ts'
export { MigrationError, type MigrationErrorCode } from './migration-error.ts'

export { upgrade, type UpgradeOptions, type UpgradeResult } from './commands/upgrade.ts'
export { downgrade, type DowngradeOptions, type DowngradeResult } from './commands/downgrade.ts'
export {
  type HalfDone,
  halfDone,
  type RepairOptions,
  type RepairResult,
  repair,
} from './commands/repair.ts'
export { current, type Current } from './commands/current.ts'
export { history, type HistoryEntry } from './commands/history.ts'
export { heads } from './commands/heads.ts'
export {
  createRevision,
  type CreatedRevision,
  type CreateRevisionOptions,
} from './commands/revision.ts'

export { loadRevisions } from './revision/directory.ts'
export type { Phase, Revision, RevisionHeader } from './revision/revision.ts'
export type { Disagreement } from './runner/consistency.ts'
export type { Blocker } from './runner/blocked.ts'
export type { Direction, MigrationEvent, StatementPlace } from './runner/event.ts'
export type { LockOptions } from './runner/lock.ts'
export type { LockHolder } from './runner/lock-holder.ts'
export type { LockRetryOptions } from './runner/lock-retry.ts'
export type { RevisionStep, RunOptions, SchemaResult } from './runner/runner.ts'
export type { AppliedRevision } from './runner/version-table.ts'
