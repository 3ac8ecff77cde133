import { randomBytes, randomUUID } from 'node:crypto'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * The development secret of this data directory: made up by the first process that asks, kept in
 * `jwt-secret` for its owner's eyes alone, and the same for every later one, so that tokens outlive
 * a restart.
 */
export async function storedJwtSecret(dataDir: string): Promise<string> {
  const path = join(dataDir, 'jwt-secret')
  return (await readIfThere(path)) ?? (await create(path, dataDir))
}

/** Written aside and linked into place, so that no process ever reads half a secret. */
async function create(path: string, dataDir: string): Promise<string> {
  const draft = `${path}.${randomUUID()}`
  await mkdir(dataDir, { recursive: true })
  try {
    await writeFile(draft, randomBytes(48).toString('base64url'), { flag: 'wx', mode: 0o600 })
    await link(draft, path)
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
  } finally {
    await rm(draft, { force: true })
  }
  return await readFile(path, 'utf8')
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
