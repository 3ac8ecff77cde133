import { AquiferError, type ErrorDetails } from '@aquifer/core'

/** What a `MigrationError` may be about. */
export type MigrationErrorCode =
  /** A revision file has a wrong name, lacks an export, or cannot be loaded. */
  | 'REVISION_FILE'
  /** The folder of the revisions cannot be read. */
  | 'REVISION_DIRECTORY'
  /** No revision has this id, be it asked for or named as a parent. */
  | 'REVISION_UNKNOWN'
  /** Two revisions have the same id, or several match the beginning that was asked for. */
  | 'REVISION_AMBIGUOUS'
  /** A revision is its own ancestor. */
  | 'REVISION_CYCLE'
  /** There are several heads where one is needed. */
  | 'REVISION_HEADS'
  /** An applied revision has no file. */
  | 'REVISION_MISSING'
  /** The file of an applied revision has changed since. */
  | 'REVISION_CHECKSUM'
  /** A revision has not been applied, but one that builds on it has. */
  | 'REVISION_LATE'
  /** Of the revisions that one replaces some are applied and some are not. */
  | 'REVISION_SQUASHED'
  /** The statements of a revision cannot be told without a database: it goes by what it reads. */
  | 'REVISION_OFFLINE'
  /** A revision that runs outside a transaction was started and has not finished. */
  | 'REVISION_IN_DOUBT'
  /** A revision takes away what older versions of an application need, and such are connected. */
  | 'REVISION_PHASE'
  /** A revision threw, or the server refused one of its statements. */
  | 'REVISION_FAILED'
  /** A schema that is brought up to date after the revisions could not be. */
  | 'SCHEMA_FAILED'
  /** Revisions are pending where all have to be applied. */
  | 'SEED_PENDING'
  /** A seed threw. */
  | 'SEED_FAILED'
  /** A batch of a backfill failed; those before it are done. */
  | 'BACKFILL_FAILED'
  /** What is to be renamed is not in the database, or its new name not in the models. */
  | 'RENAME_UNKNOWN'
  /** A rename fits several objects. */
  | 'RENAME_AMBIGUOUS'
  /** Another deployer held the migration lock for too long. */
  | 'MIGRATION_LOCK_TIMEOUT'
  /** The connection that holds the migration lock broke; nothing goes on without it. */
  | 'MIGRATION_LOCK_LOST'

/** The revisions, the files or the database stand in the way of a migration. The message names the way out. */
export class MigrationError extends AquiferError {
  override readonly name = 'MigrationError'
  declare readonly code: MigrationErrorCode
  /** The ids of the revisions that it is about. */
  readonly revisions: readonly string[]

  constructor(
    code: MigrationErrorCode,
    message: string,
    details: ErrorDetails & { revisions?: readonly string[] } = {},
  ) {
    super(code, 'migration', message, details)
    this.revisions = details.revisions ?? []
  }
}
