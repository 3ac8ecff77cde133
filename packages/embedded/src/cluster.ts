import { chown, mkdir, mkdtemp, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Account, runAs } from './account.ts'
import type { Binaries } from './binaries.ts'
import { EmbeddedError } from './embedded-error.ts'
import { newServerRecord, writeServerRecord } from './server-record.ts'
import { removeUnfinished, unfinishedName } from './unfinished.ts'

/**
 * The database superuser of every cluster that is made here. Not the name of a schema: PostgreSQL looks into the one named like
 * the user first.
 */
export const superuser = 'postgres'

/** How to make a data directory. */
export interface ClusterOptions {
  binaries: Binaries
  account: Account | undefined
  /** Leave out passwords and syncing to disk: for a cluster that lives as long as one test run. */
  temporary: boolean
}

/** True if `dataDir` holds a complete data directory. */
export async function isCluster(dataDir: string): Promise<boolean> {
  return (await majorVersion(dataDir)) !== undefined
}

/**
 * Makes a data directory at `dataDir`, whose parent exists. It is built beside its place and moved
 * there when it is complete, so a killed run leaves nothing that looks like one.
 *
 * @throws {EmbeddedError} `DISK_FULL`, or `START_FAILED` with initdb's own words
 */
export async function createCluster(dataDir: string, options: ClusterOptions): Promise<void> {
  const { account } = options
  await mkdir(dirname(dataDir), { recursive: true })
  await removeUnfinished(dataDir)
  const fresh = await mkdtemp(`${unfinishedName(dataDir)}-`)
  try {
    if (account) await chown(fresh, account.uid, account.gid)
    await initdb(fresh, options)
    await rename(fresh, dataDir)
  } catch (error) {
    await rm(fresh, { recursive: true, force: true })
    // Another process was faster; its cluster serves as well.
    if (['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) return
    throw clusterError(dataDir, error)
  }
}

/**
 * Checks that the server's major version can read `dataDir`.
 *
 * @throws {EmbeddedError} `DATA_DIR_VERSION` if not
 */
export async function assertVersion(dataDir: string, serverVersion: string): Promise<void> {
  const found = await majorVersion(dataDir)
  const wanted = serverVersion.split('.')[0]
  if (found === wanted) return
  throw new EmbeddedError(
    'DATA_DIR_VERSION',
    `${dataDir} was written by PostgreSQL ${found}, and this is PostgreSQL ${wanted}, which cannot read it. ` +
      'Dump it with the old version, or move the folder away to start empty.',
  )
}

async function majorVersion(dataDir: string): Promise<string | undefined> {
  const text = await readFile(join(dataDir, 'PG_VERSION'), 'utf8').catch(() => undefined)
  return text?.trim()
}

async function initdb(dataDir: string, options: ClusterOptions): Promise<void> {
  const { binaries, account, temporary } = options
  const args = [`--pgdata=${dataDir}`, `--username=${superuser}`]
  // One encoding, order and language everywhere, whatever the machine has installed.
  args.push(
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
  )
  args.push('--set=timezone=UTC', '--set=log_timezone=UTC', '--no-instructions')
  if (temporary) {
    await runAs(account, binaries.initdb, [...args, '--auth=trust', '--no-sync'])
    return
  }
  const record = newServerRecord()
  const passwordFile = `${dataDir}.password`
  const file = await open(passwordFile, 'wx', 0o600)
  try {
    await file.writeFile(record.password)
    if (account) await file.chown(account.uid, account.gid)
    await file.close()
    // Other users of this machine can reach the port, so nobody gets in without the password.
    await runAs(account, binaries.initdb, [
      ...args,
      '--auth=scram-sha-256',
      `--pwfile=${passwordFile}`,
    ])
  } finally {
    await rm(passwordFile, { force: true })
  }
  await writeServerRecord(dataDir, record, account)
}

function clusterError(dataDir: string, cause: unknown): unknown {
  if (cause instanceof EmbeddedError) return cause
  const { code, message, stderr = '' } = cause as NodeJS.ErrnoException & { stderr?: string }
  const said = `${message}\n${stderr}`
  if (code === 'ENOSPC' || said.includes('No space left on device')) {
    return new EmbeddedError(
      'DISK_FULL',
      `no space left to make a database in ${dataDir}: it needs about 60 MB. ` +
        'Free some space and start again, or choose another place.',
      { cause },
    )
  }
  return new EmbeddedError(
    'START_FAILED',
    `a data directory could not be made at ${dataDir}: ${stderr.trim() || message}`,
    { cause },
  )
}
