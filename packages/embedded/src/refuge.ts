import { createHash } from 'node:crypto'
import {
  chmod,
  cp,
  lstat,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { Account } from './account.ts'
import { type Binaries, binariesIn } from './binaries.ts'
import { EmbeddedError } from './embedded-error.ts'
import { removeUnfinished, unfinishedName } from './unfinished.ts'

/**
 * The folder that stands in for `path` when the server's user may not enter it, e.g. because root
 * works in a home of mode 0700. Its name follows from the path alone, so the next start finds it.
 */
export function refugeOf(path: string, base: string = '/var/tmp'): string {
  const hash = createHash('sha256').update(path).digest('hex').slice(0, 16)
  return join(base, `aquifer-${hash}`)
}

/**
 * Makes the refuge if it is missing: owned by this process (root), and for all others a passage to
 * what they may enter inside.
 *
 * @throws {EmbeddedError} `UNSAFE_FOLDER` if something else lies there: the place is writable for
 *   every user, and another one could have planted a folder to read or replace what we put in
 */
export async function openRefuge(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 })
    await chmod(folder, 0o711)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const found = await lstat(folder)
  const ours = found.isDirectory() && found.uid === process.getuid?.()
  if (!ours || (found.mode & 0o022) !== 0) {
    throw new EmbeddedError(
      'UNSAFE_FOLDER',
      `${folder} was to hold the database server's files, but it exists and other users can change it. ` +
        'Look at who made it and remove it, then start again.',
    )
  }
}

/** A copy of the binaries inside an opened refuge; made once, and again when the original changes. */
export async function copyBinaries(binaries: Binaries, folder: string): Promise<Binaries> {
  const copy = join(folder, 'postgresql')
  const stamp = await stampOf(binaries)
  if ((await readStamp(copy)) === stamp) return binariesIn(copy)
  await removeUnfinished(copy)
  const fresh = unfinishedName(copy)
  await cp(binaries.root, fresh, { recursive: true, verbatimSymlinks: true, filter: isNeeded })
  await openUp(fresh)
  await writeFile(stampFile(fresh), stamp)
  // Another process may have been faster, and its servers run from there: only a stale copy goes.
  if ((await readStamp(copy)) !== stamp) await rm(copy, { recursive: true, force: true })
  await rename(fresh, copy).catch(() => rm(fresh, { recursive: true }))
  return binariesIn(copy)
}

/** A temporary folder that `account` can reach even if the caller's own TMPDIR is private. */
export function publicTemporaryFolder(account: Account | undefined): string {
  return account ? '/tmp' : tmpdir()
}

/** Whoever installed with a narrow umask has files that only they can read. */
async function openUp(folder: string): Promise<void> {
  await chmod(folder, 0o755)
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue
    const path = join(entry.parentPath, entry.name)
    const isProgram = entry.isDirectory() || ((await stat(path)).mode & 0o100) !== 0
    await chmod(path, isProgram ? 0o755 : 0o644)
  }
}

async function stampOf({ root, postgres }: Binaries): Promise<string> {
  const { size, mtimeMs } = await stat(postgres)
  return `${root} ${size} ${mtimeMs}`
}

async function readStamp(copy: string): Promise<string | undefined> {
  return readFile(stampFile(copy), 'utf8').catch(() => undefined)
}

function stampFile(copy: string): string {
  return join(copy, 'copied-from')
}

/** What is there only to compile other programs against the server stays behind. */
function isNeeded(path: string): boolean {
  return !path.endsWith('.a') && basename(path) !== 'pkgconfig' && basename(path) !== 'include'
}
