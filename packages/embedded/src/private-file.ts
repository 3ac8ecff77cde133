import { chmod, chown, mkdir, writeFile } from 'node:fs/promises'
import type { Account } from './account.ts'

/** Writes a file that only `account` (undefined: this process's user) can read. There must be none yet. */
export async function writePrivateFile(
  file: string,
  text: string,
  account: Account | undefined,
): Promise<void> {
  await writeFile(file, text, { mode: 0o600, flag: 'wx' })
  if (account) await chown(file, account.uid, account.gid)
}

/** Makes a folder that only `account` can enter. @returns its path */
export async function makePrivateFolder(
  folder: string,
  account: Account | undefined,
): Promise<string> {
  await mkdir(folder, { mode: 0o700 })
  await closeFolder(folder, account)
  return folder
}

/** Gives a folder to `account` alone. */
export async function closeFolder(folder: string, account: Account | undefined): Promise<void> {
  if (account) await chown(folder, account.uid, account.gid)
  await chmod(folder, 0o700)
}
