import { constants } from 'node:fs'
import { type FileHandle, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Account } from './account.ts'
import type { Binaries } from './binaries.ts'
import { EmbeddedError } from './embedded-error.ts'
import { type BoundProcess, endBound, spawnBound } from './lifeline.ts'
import { readPostmasterFile } from './postmaster-file.ts'

/** How to run a server over an existing data directory. */
export interface PostmasterOptions {
  binaries: Binaries
  dataDir: string
  port: number
  account: Account | undefined
  settings: Record<string, string>
  /** A folder to remove if this process is killed. */
  removeOnOrphan?: string | undefined
  onProgress?: ((text: string) => void) | undefined
}

/** The server's log; appended by every start. */
export function serverLog(dataDir: string): string {
  return join(dataDir, 'server.log')
}

const readyPollMs = 10
const readyLimitMs = 120_000
const sayRecoveringAfterMs = 3_000

/**
 * Starts a server and waits until it accepts connections.
 *
 * @throws {EmbeddedError} `PORT_TAKEN`, `ALREADY_RUNNING`, `DISK_FULL` or `START_FAILED` with the end of its log
 */
export async function startPostmaster(options: PostmasterOptions): Promise<BoundProcess> {
  const { binaries, dataDir, port, account, settings, removeOnOrphan } = options
  const args = ['-D', dataDir]
  const all = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    // One way in is enough, and a socket in /tmp could be planted by another user.
    unix_socket_directories: '',
    ...settings,
  }
  for (const [name, value] of Object.entries(all)) args.push('-c', `${name}=${value}`)
  await using log = await openLog(dataDir)
  const before = (await log.file.stat()).size
  const server = await spawnServer(binaries.postgres, args, {
    account,
    log: log.file.fd,
    removeOnOrphan,
  })
  if (await becomesReady(server, options)) return server
  if (!server.hasExited) await endBound(server, ['SIGQUIT', 'SIGKILL'])
  throw startError(options, await readFrom(serverLog(dataDir), before))
}

async function spawnServer(
  program: string,
  args: string[],
  options: Parameters<typeof spawnBound>[2],
): Promise<BoundProcess> {
  try {
    return await spawnBound(program, args, options)
  } catch (cause) {
    const account = options.account?.name ?? 'this user'
    throw new EmbeddedError('START_FAILED', `PostgreSQL could not be started as ${account}`, {
      cause,
    })
  }
}

/** The server says so in its own file; a connection would need a driver, and a password. */
async function becomesReady(server: BoundProcess, options: PostmasterOptions): Promise<boolean> {
  const startedAt = performance.now()
  let said = false
  while (!server.hasExited) {
    const file = await readPostmasterFile(options.dataDir)
    if (file?.pid === server.pid && file.status === 'ready') return true
    const waitedMs = performance.now() - startedAt
    if (waitedMs > readyLimitMs) return false
    if (waitedMs > sayRecoveringAfterMs && !said) {
      said = true
      options.onProgress?.('the database server recovers from a crash')
    }
    await delay(readyPollMs)
  }
  return false
}

/** Never follows a link: as root we write into a folder of another user here. */
async function openLog(dataDir: string): Promise<AsyncDisposable & { file: FileHandle }> {
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW
  const file = await open(serverLog(dataDir), flags, 0o600)
  return { file, [Symbol.asyncDispose]: () => file.close() }
}

async function readFrom(file: string, offset: number): Promise<string> {
  const bytes = await readFile(file).catch(() => Buffer.alloc(0))
  return bytes.subarray(offset).toString('utf8')
}

function startError(options: PostmasterOptions, log: string): EmbeddedError {
  const { dataDir, port } = options
  if (/could not bind|Address already in use/.test(log)) {
    return new EmbeddedError(
      'PORT_TAKEN',
      `port ${port} is taken by another program. Stop that one or give another port.`,
    )
  }
  if (log.includes('lock file "postmaster.pid" already exists')) {
    return new EmbeddedError(
      'ALREADY_RUNNING',
      `another database server already uses ${dataDir}. Stop it, or choose another folder.`,
    )
  }
  if (log.includes('No space left on device')) {
    return new EmbeddedError(
      'DISK_FULL',
      `no space left for the database in ${dataDir}. Free some space and start again.`,
    )
  }
  const tail = log.trim().split('\n').slice(-12).join('\n')
  return new EmbeddedError(
    'START_FAILED',
    `the database server over ${dataDir} did not start. The end of its log, ${serverLog(dataDir)}:\n${tail}`,
  )
}
