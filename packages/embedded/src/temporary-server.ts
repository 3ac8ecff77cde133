import { chmod, chown, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isRoot, serverAccount } from './account.ts'
import { locateBinaries } from './binaries.ts'
import { createCluster, superuser } from './cluster.ts'
import { EmbeddedError } from './embedded-error.ts'
import { type EmbeddedServer, embeddedServer } from './embedded-server.ts'
import { reachableBinaries, serverVersion } from './place.ts'
import { freePort } from './port.ts'
import { startPostmaster } from './postmaster.ts'
import { publicTemporaryFolder } from './refuge.ts'

/** How to start a server that keeps nothing. */
export interface TemporaryServerOptions {
  /** Server settings, as in postgresql.conf, above the fast and unsafe ones it starts with. */
  settings?: Record<string, string>
}

/**
 * Durability is what costs a test its time, and nothing here outlives the run. There is no
 * background work either that could disturb what a test measures or waits for.
 */
const fastAndUnsafe = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_connections: '200',
  shared_buffers: '64MB',
}

/**
 * Starts an empty server of its own in a temporary folder, within about a second. `stop`, `kill`
 * and the end of this process remove it with all its data. Open to every user of this machine.
 *
 * @throws {EmbeddedError} see its codes; nothing is left behind then
 */
export async function temporaryServer(
  options: TemporaryServerOptions = {},
): Promise<EmbeddedServer> {
  const account = isRoot() ? await serverAccount() : undefined
  const installed = await locateBinaries()
  const binaries = account ? await reachableBinaries(installed, account) : installed
  const version = await serverVersion(binaries, account)
  const folder = await mkdtemp(join(publicTemporaryFolder(account), 'aquifer-pg-'))
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 5 })
  try {
    if (account) await chown(folder, account.uid, account.gid)
    await chmod(folder, 0o700)
    const dataDir = join(folder, 'data')
    await createCluster(dataDir, { binaries, account, temporary: true })
    const settings = { ...fastAndUnsafe, ...options.settings }
    for (let attempt = 1; ; attempt++) {
      const port = await freePort()
      const place = { binaries, dataDir, account, removeOnOrphan: folder }
      const start = () => startPostmaster({ ...place, port, settings })
      try {
        const process = await start()
        const url = `postgres://${superuser}@127.0.0.1:${port}/postgres`
        return embeddedServer({
          ...{ process, start, port, dataDir, binaries, url, version },
          afterEnd: remove,
        })
      } catch (error) {
        const taken = error instanceof EmbeddedError && error.code === 'PORT_TAKEN'
        if (!taken || attempt === 5) throw error
      }
    }
  } catch (error) {
    await remove()
    throw error
  }
}
