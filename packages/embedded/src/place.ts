import { mkdir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { type Account, accountOf, canEnter, isRoot, runAs, serverAccount } from './account.ts'
import { type Binaries, locateBinaries } from './binaries.ts'
import { isCluster } from './cluster.ts'
import { EmbeddedError } from './embedded-error.ts'
import { copyBinaries, openRefuge, refugeOf } from './refuge.ts'

/** Where a server's files lie and as whom it runs. */
export interface Place {
  binaries: Binaries
  dataDir: string
  /** Undefined: as the user of this process. */
  account: Account | undefined
}

/**
 * The place of a persistent server. Normally that is `wanted` itself; if this process is root and
 * the server's user may not enter it, a folder of /var/tmp that is named after `wanted`.
 */
export async function choosePlace(
  wanted: string,
  onProgress?: (text: string) => void,
): Promise<Place> {
  const binaries = await locateBinaries()
  const parent = dirname(resolve(wanted))
  await mkdir(parent, { recursive: true })
  const dataDir = join(await realpath(parent), basename(resolve(wanted)))
  if (!isRoot()) {
    await assertOwn(dataDir)
    return { binaries, dataDir, account: undefined }
  }
  const place = await placeForRoot(dataDir, onProgress)
  return { ...place, binaries: await reachableBinaries(binaries, place.account) }
}

/**
 * The binaries, or a copy of them if `account` cannot run them where they are. All servers of one
 * installation share the copy.
 */
export async function reachableBinaries(binaries: Binaries, account: Account): Promise<Binaries> {
  if (await canRun(account, binaries)) return binaries
  const refuge = refugeOf(binaries.root)
  await openRefuge(refuge)
  return copyBinaries(binaries, refuge)
}

async function placeForRoot(
  dataDir: string,
  onProgress?: (text: string) => void,
): Promise<{ dataDir: string; account: Account }> {
  if (await isCluster(dataDir)) {
    const account = await ownerOf(dataDir)
    await assertReachable(account, dataDir)
    return { dataDir, account }
  }
  const refuge = refugeOf(dataDir)
  const inRefuge = join(refuge, 'data')
  if (await isCluster(inRefuge)) {
    await openRefuge(refuge)
    return { dataDir: inRefuge, account: await ownerOf(inRefuge) }
  }
  const account = await serverAccount()
  if (await canEnter(account, dirname(dataDir))) return { dataDir, account }
  onProgress?.(
    `user ${account.name} may not enter ${dirname(dataDir)}: the database lies in ${refuge}`,
  )
  await openRefuge(refuge)
  return { dataDir: inRefuge, account }
}

/**
 * The version of the server, e.g. `18.4`; proves on the way that it runs here at all.
 *
 * @throws {EmbeddedError} `NO_BINARY` if it does not
 */
export async function serverVersion(
  binaries: Binaries,
  account: Account | undefined,
): Promise<string> {
  try {
    const said = await runAs(account, binaries.postgres, ['--version'])
    return said.trim().split(' ').at(-1) ?? 'unknown'
  } catch (cause) {
    throw new EmbeddedError(
      'NO_BINARY',
      `the embedded PostgreSQL does not run on this system (on Linux it needs glibc): ${(cause as Error).message.trim()}. ` +
        'Set DATABASE_URL (in tests TEST_DATABASE_URL) to a PostgreSQL server.',
      { cause },
    )
  }
}

async function canRun(account: Account, binaries: Binaries): Promise<boolean> {
  try {
    await runAs(account, binaries.postgres, ['--version'])
    return canEnter(account, join(binaries.root, 'share'))
  } catch {
    return false
  }
}

async function ownerOf(dataDir: string): Promise<Account> {
  const { uid, gid } = await stat(dataDir)
  if (uid !== 0) return accountOf(uid, gid)
  const { name } = await serverAccount()
  throw new EmbeddedError(
    'DATA_DIR_OWNER',
    `${dataDir} belongs to root, and PostgreSQL refuses to run as root. Give it to another user: chown -R ${name} ${dataDir}`,
  )
}

async function assertOwn(dataDir: string): Promise<void> {
  const found = await stat(dataDir).catch(() => undefined)
  if (!found || found.uid === process.getuid?.()) return
  const { name } = await accountOf(found.uid, found.gid)
  throw new EmbeddedError(
    'DATA_DIR_OWNER',
    `${dataDir} belongs to user ${name}, so only that user or root can start it. ` +
      'Give it to yourself with chown -R, or choose another folder (AQUIFER_DATA_DIR).',
  )
}

async function assertReachable(account: Account, dataDir: string): Promise<void> {
  if (await canEnter(account, dataDir)) return
  throw new EmbeddedError(
    'DATA_DIR_UNREACHABLE',
    `user ${account.name}, who owns ${dataDir}, may no longer enter a folder above it. ` +
      'Allow that again (chmod o+x on the folder), or move the data directory.',
  )
}
