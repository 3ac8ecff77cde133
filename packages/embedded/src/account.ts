import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { EmbeddedError } from './embedded-error.ts'

/** A user of the system, as a process is started under it. */
export interface Account {
  name: string
  uid: number
  gid: number
}

/** True if this process is root, so that the server needs another user: PostgreSQL refuses root. */
export function isRoot(): boolean {
  return process.getuid?.() === 0
}

/**
 * The user a new data directory is given to when this process is root.
 *
 * @throws {EmbeddedError} `NO_UNPRIVILEGED_USER` if the machine has neither `postgres` nor `nobody`
 */
export async function serverAccount(): Promise<Account> {
  const accounts = await readAccounts()
  for (const name of ['postgres', 'nobody']) {
    const account = accounts.find((one) => one.name === name && one.uid > 0)
    if (account) return account
  }
  throw new EmbeddedError(
    'NO_UNPRIVILEGED_USER',
    'PostgreSQL refuses to run as root, and this machine has no user `postgres` or `nobody` to run it as. ' +
      'Create one (`useradd --system postgres`), work as an ordinary user, or set DATABASE_URL.',
  )
}

/** The user with this number; a number that /etc/passwd does not know stands for itself. */
export async function accountOf(uid: number, gid: number): Promise<Account> {
  const known = (await readAccounts()).find((one) => one.uid === uid)
  return known ?? { name: `uid ${uid}`, uid, gid }
}

/** True if `account` may enter `folder`. Asked of the system itself, which also knows of access lists. */
export async function canEnter(account: Account, folder: string): Promise<boolean> {
  try {
    await runAs(account, '/bin/sh', ['-c', 'cd -- "$1"', 'sh', folder])
    return true
  } catch {
    return false
  }
}

/** Runs a program as `account` (undefined: as this process) and returns what it printed. */
export async function runAs(
  account: Account | undefined,
  program: string,
  args: readonly string[],
): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, spawnOptions(account))
  return stdout
}

/** A folder that every user may enter, few variables and one language: nothing of the caller's shell changes the server. */
export function spawnOptions(account: Account | undefined): {
  cwd: string
  env: Record<string, string>
  uid?: number
  gid?: number
} {
  const env = { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }
  if (!account) return { cwd: '/', env }
  return { cwd: '/', env, uid: account.uid, gid: account.gid }
}

/** macOS lists its system users in this file too, so no directory service is asked. */
async function readAccounts(): Promise<Account[]> {
  const text = await readFile('/etc/passwd', 'utf8').catch(() => '')
  return text
    .split('\n')
    .map((line) => line.split(':'))
    .filter((fields) => fields.length >= 4)
    .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }))
}
