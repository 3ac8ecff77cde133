import { readdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { isRunning } from './process-identity.ts'

/**
 * The name under which something is made before it is moved to `path` as a whole, so that a process
 * that is killed in between leaves nothing that looks complete.
 */
export function unfinishedName(path: string): string {
  return `${path}.new-${process.pid}`
}

/** Removes what processes that were killed have left unfinished beside `path`. */
export async function removeUnfinished(path: string): Promise<void> {
  const parent = dirname(path)
  const prefix = `${basename(path)}.new-`
  for (const name of await readdir(parent)) {
    if (!name.startsWith(prefix)) continue
    const pid = Number.parseInt(name.slice(prefix.length), 10)
    if (!isRunning(pid)) await rm(join(parent, name), { recursive: true, force: true })
  }
}
