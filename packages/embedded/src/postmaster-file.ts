import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What a running server writes about itself into its data directory. */
export interface PostmasterFile {
  pid: number
  port: number | undefined
  /** `starting`, `ready`, `stopping` or `standby`; empty in the first moments. */
  status: string
}

/** Reads `postmaster.pid`, or returns undefined if there is none. */
export async function readPostmasterFile(dataDir: string): Promise<PostmasterFile | undefined> {
  const text = await readFile(postmasterFile(dataDir), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : parsePostmasterFile(text)
}

/** Where a server over `dataDir` writes about itself. */
export function postmasterFile(dataDir: string): string {
  return join(dataDir, 'postmaster.pid')
}

/**
 * The lines are: process, data directory, start, port, socket directory, address, shared memory, status.
 *
 * @returns undefined if the first line is no process number, as in a file cut off by a full disk
 * @see src/include/utils/pidfile.h of PostgreSQL
 */
export function parsePostmasterFile(text: string): PostmasterFile | undefined {
  const lines = text.split('\n')
  // A standalone backend writes its number with a minus sign.
  const pid = Math.abs(Number.parseInt(lines[0] ?? '', 10))
  if (!Number.isInteger(pid) || pid === 0) return undefined
  const port = Number.parseInt(lines[3] ?? '', 10)
  return { pid, port: port > 0 ? port : undefined, status: lines[7]?.trim() ?? '' }
}
