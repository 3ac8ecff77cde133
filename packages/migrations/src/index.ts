export { type AquiferConfig, type ConfigInput, defineConfig, type SchemaStep } from './config.ts'
export { MigrationError, type MigrationErrorCode } from './migration-error.ts'

export { upgrade, type UpgradeOptions, type UpgradeResult } from './commands/upgrade.ts'
export { downgrade, type DowngradeOptions, type DowngradeResult } from './commands/downgrade.ts'
export { current, type Current } from './commands/current.ts'
export { history, type HistoryEntry } from './commands/history.ts'
export { heads } from './commands/heads.ts'
export {
  createRevision,
  type CreatedRevision,
  type CreateRevisionOptions,
} from './commands/revision.ts'

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
export type { Phase, Revision, RevisionHeader } from './revision/revision.ts'
export type { Disagreement } from './runner/consistency.ts'
export type { Direction, MigrationEvent } from './runner/event.ts'
export type { LockOptions } from './runner/lock.ts'
export type { LockHolder } from './runner/lock-holder.ts'
export type { RevisionStep, SchemaResult } from './runner/runner.ts'
export type { AppliedRevision } from './runner/version-table.ts'
