import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { Account } from './account.ts'

/** What is remembered of a server between two starts, in its data directory. */
export interface ServerRecord {
  password: string
  /** The port of the last start, taken again if it is free. */
  port?: number | undefined
}

/** A record for a new data directory. */
export function newServerRecord(): ServerRecord {
  return { password: randomBytes(18).toString('base64url') }
}

/** Reads the record, or returns undefined if there is none or it is cut off. */
export async function readServerRecord(dataDir: string): Promise<ServerRecord | undefined> {
  try {
    const file = await open(recordFile(dataDir), constants.O_RDONLY | constants.O_NOFOLLOW)
    await using _closed = { [Symbol.asyncDispose]: () => file.close() }
    const value = JSON.parse(await file.readFile('utf8')) as ServerRecord
    return typeof value.password === 'string' ? value : undefined
  } catch {
    return undefined
  }
}

/**
 * Replaces the record in one step; only the server's user and root can read it. Never follows a
 * link: as root we write into a folder of another user here.
 */
export async function writeServerRecord(
  dataDir: string,
  record: ServerRecord,
  account: Account | undefined,
): Promise<void> {
  const fresh = `${recordFile(dataDir)}.${randomBytes(4).toString('hex')}`
  const file = await open(fresh, 'wx', 0o600)
  try {
    await file.writeFile(`${JSON.stringify(record, null, 2)}\n`)
    if (account) await file.chown(account.uid, account.gid)
  } finally {
    await file.close()
  }
  await rename(fresh, recordFile(dataDir))
}

function recordFile(dataDir: string): string {
  return join(dataDir, 'aquifer.json')
}
