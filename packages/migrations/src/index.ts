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
export { pending } from './commands/pending.ts'
export { preview, type PreviewedRevision, type PreviewOptions } from './commands/preview.ts'
export { history, type HistoryEntry, type HistoryOptions } from './commands/history.ts'
export { type ShownRevision, show } from './commands/show.ts'
export { type Branch, branches } from './commands/branches.ts'
export { heads } from './commands/heads.ts'
export { type StampOptions, type StampResult, stamp } from './commands/stamp.ts'
export {
  createRevision,
  type CreatedRevision,
  type CreateRevisionOptions,
} from './commands/revision.ts'
export {
  lint,
  type LintOptions,
  type LintResult,
  lintRules,
  readLintFacts,
} from './commands/lint.ts'
export { type MergeOptions, merge } from './commands/merge.ts'
export { type SquashedRevision, type SquashOptions, squash } from './commands/squash.ts'
export { type BaselineOptions, baseline } from './commands/baseline.ts'
export {
  type AdoptKyselyOptions,
  adoptKysely,
  convertKyselyMigrations,
} from './commands/adopt-kysely.ts'
export { type SqlOptions, sql } from './commands/sql.ts'
export { type InitResult, init } from './commands/init.ts'
export { type PingResult, ping } from './commands/ping.ts'

export {
  type SeedEvent,
  type SeedOptions,
  type SeedResult,
  type SeedStep,
  seed,
} from './seed/seed.ts'
export {
  type BackfillEvent,
  type BackfillOptions,
  type BackfillProgress,
  type BackfillResult,
  backfill,
} from './backfill/backfill.ts'
export type { Backfill } from './backfill/backfill-definition.ts'

export {
  type CatalogueConnection,
  readCatalogue,
  type ReadCatalogueOptions,
} from './catalogue/read.ts'
export { type Catalogue, emptyCatalogue } from './catalogue/catalogue.ts'
export type { CatalogueObject } from './catalogue/catalogue-object.ts'
export type { ObjectKind } from './catalogue/object-id.ts'
export { diffCatalogues, type DiffOptions } from './diff/diff.ts'
export type { Rename } from './diff/rename.ts'
export { renameCandidates } from './diff/rename-candidates.ts'
export type { LockMode, Operation, OperationKind } from './diff/operation.ts'

export { loadRevisions } from './revision/directory.ts'
export type { IgnoredFinding, LintFacts, LintFinding } from './lint/lint.ts'
export type { LintInput, LintPlanStep } from './lint/read-input.ts'
export type { LintRule, LintSeverity } from './lint/rule.ts'
export type { Phase, Revision, RevisionHeader } from './revision/revision.ts'
export type { Disagreement } from './runner/consistency.ts'
export type { Blocker } from './runner/blocked.ts'
export type { Direction, MigrationEvent, StatementPlace } from './runner/event.ts'
export type { LockOptions } from './runner/lock.ts'
export type { LockHolder } from './runner/lock-holder.ts'
export type { LockRetryOptions } from './runner/lock-retry.ts'
export type { RevisionStep, RunOptions, SchemaResult } from './runner/runner.ts'
export type { AppliedRevision } from './runner/version-table.ts'
