import type { Kysely } from 'kysely'
import { MigrationError } from '../migration-error.ts'

/** `expand` may run while the older application is in use; `contract` takes away what that one needs. */
export type Phase = 'expand' | 'contract'

/** What a revision file exports as `revision`. */
export interface RevisionHeader {
  /** Eight characters, the same as in the file's name. */
  readonly id: string
  /** The revisions it builds on: none for the first, several for a merge. */
  readonly parents: readonly string[]
  readonly phase: Phase
  /** Whether it runs in one transaction. `false` is for what PostgreSQL refuses there, as CREATE INDEX CONCURRENTLY. */
  readonly transaction: boolean
  /** Names the branch that begins here: `billing` then stands for its head wherever an id may stand. */
  readonly label?: string
  /** The ids of those that it was made of; a database where they are applied takes it for applied. */
  readonly replaces?: readonly string[]
}

/** One step of the schema: a file, what it says of itself, and how to go up and down. */
export interface Revision extends RevisionHeader {
  /** The file's name without its ending: `20261123190000_3f6c1a92_identity`. */
  readonly name: string
  /** The file's path. */
  readonly file: string
  /** Of the file's text; see `checksumOf`. */
  readonly checksum: string
  /** `db` writes names as they are: no camelCase mapping. */
  readonly up: (db: Kysely<unknown>) => Promise<void>
  readonly down: (db: Kysely<unknown>) => Promise<void>
}

/** What the text and the name of a file say of a revision, before it is loaded. */
export type RevisionSource = Pick<Revision, 'id' | 'name' | 'file' | 'checksum'>

/**
 * The revision of a loaded module.
 *
 * @throws {MigrationError} `REVISION_FILE`, naming the file and the export that is missing or wrong
 */
export function revisionOf(
  module: Readonly<Record<string, unknown>>,
  source: RevisionSource,
): Revision {
  const { revision: header, up, down } = module
  const refuse = (reason: string) =>
    new MigrationError('REVISION_FILE', `${source.file}: ${reason}`, { revisions: [source.id] })

  if (!isHeader(header)) {
    throw refuse(
      "it needs `export const revision = { id, parents, phase: 'expand' | 'contract', transaction: true | false }`",
    )
  }
  if (header.id !== source.id) {
    throw refuse(
      `its header says id '${header.id}' and its name says '${source.id}': make them the same`,
    )
  }
  if (!isStep(up)) throw refuse('it needs `export async function up(db: Kysely<unknown>)`')
  if (!isStep(down)) {
    throw refuse(
      'it needs `export async function down(db: Kysely<unknown>)`; let it throw if the step cannot be undone',
    )
  }
  return { ...header, ...source, up, down }
}

/** What a label looks like: it cannot be taken for a step or an id with one. */
export const LABEL: RegExp = /^[a-z][a-z0-9_]*$/

function areIds(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((id) => typeof id === 'string')
}

function isHeader(value: unknown): value is RevisionHeader {
  if (typeof value !== 'object' || value === null) return false
  const { id, parents, label, replaces, phase, transaction } = value as Partial<
    Record<keyof RevisionHeader, unknown>
  >
  return (
    typeof id === 'string' &&
    areIds(parents) &&
    (replaces === undefined || areIds(replaces)) &&
    (label === undefined || (typeof label === 'string' && LABEL.test(label))) &&
    (phase === 'expand' || phase === 'contract') &&
    typeof transaction === 'boolean'
  )
}

function isStep(value: unknown): value is Revision['up'] {
  return typeof value === 'function'
}
