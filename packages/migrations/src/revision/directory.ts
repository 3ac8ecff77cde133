import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { MigrationError } from '../migration-error.ts'
import { checksumOf } from './checksum.ts'
import { type FileName, parseFileName } from './file-name.ts'
import { lineIn } from './line-in.ts'
import { type Revision, revisionOf } from './revision.ts'

/** A revision file as its name describes it. */
export interface RevisionFile extends FileName {
  /** The file's path. */
  readonly file: string
}

const CODE = /\.(ts|js|mjs)$/
const BESIDE = /\.(test|spec)\.(ts|js|mjs)$|\.d\.ts$/

/**
 * The revision files of a folder in the order in which they were written, by their names alone: nothing is loaded.
 *
 * @throws {MigrationError} `REVISION_DIRECTORY` if the folder cannot be read; `REVISION_FILE` if a file of code in it
 *   has no revision's name
 */
export async function listRevisionFiles(directory: URL | string): Promise<RevisionFile[]> {
  const folder = pathOf(directory)
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new MigrationError(
      'REVISION_DIRECTORY',
      `the folder of the revisions cannot be read: ${folder}. Check \`revisions\` in aquifer.config.ts, or write the ` +
        'first revision with aquifer revision "message" --empty',
      { cause },
    )
  })
  return names
    .filter((name) => CODE.test(name) && !BESIDE.test(name))
    .sort()
    .map((name) => {
      const parsed = parseFileName(name)
      if (parsed === undefined) throw misnamed(join(folder, name))
      return { ...parsed, file: join(folder, name) }
    })
}

/**
 * Loads every revision of a folder, in the order in which they were written. Their code runs as far as modules do when
 * they are imported; neither `up` nor `down` is called.
 *
 * @throws {MigrationError} as `listRevisionFiles`; `REVISION_FILE` if a module cannot be loaded or lacks an export
 */
export async function loadRevisions(directory: URL | string): Promise<Revision[]> {
  return Promise.all((await listRevisionFiles(directory)).map(loadRevision))
}

async function loadRevision({ id, name, file }: RevisionFile): Promise<Revision> {
  const checksum = checksumOf(await readFile(file, 'utf8'))
  let module: Record<string, unknown>
  try {
    module = await import(pathToFileURL(file).href)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    const line = lineIn(file, cause)
    throw new MigrationError(
      'REVISION_FILE',
      `${file}${line === undefined ? '' : `:${line}`}: it cannot be loaded: ${reason}`,
      { cause, revisions: [id] },
    )
  }
  return revisionOf(module, { id, name, file, checksum })
}

/** The path of a folder that was given as a URL or a path. */
export function pathOf(directory: URL | string): string {
  return directory instanceof URL || directory.startsWith('file:')
    ? fileURLToPath(directory)
    : directory
}

function misnamed(file: string): MigrationError {
  return new MigrationError(
    'REVISION_FILE',
    `${file}: a revision is named YYYYMMDDHHmmss_<id8>_<slug>.ts, as 20261123190000_3f6c1a92_identity.ts. ` +
      'Name it so, or move the file out of the folder',
  )
}
