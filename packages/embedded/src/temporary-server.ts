import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Account, isRoot, serverAccount } from './account.ts'
import { locateBinaries } from './binaries.ts'
import { createCluster, superuser } from './cluster.ts'
import { EmbeddedError } from './embedded-error.ts'
import { type EmbeddedServer, embeddedServer } from './embedded-server.ts'
import { reachableBinaries, serverVersion } from './place.ts'
import { freePort } from './port.ts'
import { startPostmaster } from './postmaster.ts'
import { closeFolder, makePrivateFolder, writePrivateFile } from './private-file.ts'
import { publicTemporaryFolder } from './refuge.ts'
import { selfSigned } from './self-signed.ts'

/** How to start a server that keeps nothing. */
export interface TemporaryServerOptions {
  /** Server settings, as in postgresql.conf, above the fast and unsafe ones it starts with. */
  settings?: Record<string, string>
  /** Offer TLS, with a certificate of its own for localhost and 127.0.0.1: `ca` of the server. @default false */
  tls?: boolean
  /** Listen on a Unix socket as well: `socketUrl` of the server. @default false */
  unixSocket?: boolean
}

/** A server that keeps nothing. */
export interface TemporaryServer extends EmbeddedServer {
  /** PEM of the certificate that a client has to trust, or undefined without `tls`. */
  readonly ca: string | undefined
  /** Like `url`, through the Unix socket, or undefined without `unixSocket`. */
  readonly socketUrl: string | undefined
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
): Promise<TemporaryServer> {
  const account = isRoot() ? await serverAccount() : undefined
  const installed = await locateBinaries()
  const binaries = account ? await reachableBinaries(installed, account) : installed
  const version = await serverVersion(binaries, account)
  const folder = await mkdtemp(join(publicTemporaryFolder(account), 'aquifer-pg-'))
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 5 })
  try {
    await closeFolder(folder, account)
    const dataDir = join(folder, 'data')
    await createCluster(dataDir, { binaries, account, temporary: true })
    const tls = options.tls ? await certify(folder, account) : undefined
    const socketDir = options.unixSocket
      ? await makePrivateFolder(join(folder, 'socket'), account)
      : ''
    const settings = {
      ...fastAndUnsafe,
      unix_socket_directories: socketDir,
      ...tls?.settings,
      ...options.settings,
    }
    for (let attempt = 1; ; attempt++) {
      const port = await freePort()
      const place = { binaries, dataDir, account, removeOnOrphan: folder }
      const start = () => startPostmaster({ ...place, port, settings })
      try {
        const process = await start()
        const url = `postgres://${superuser}@127.0.0.1:${port}/postgres`
        const server = embeddedServer({
          ...{ process, start, port, dataDir, binaries, url, version },
          afterEnd: remove,
        })
        const socketUrl = socketDir ? `${url}?host=${encodeURIComponent(socketDir)}` : undefined
        return Object.assign(server, { ca: tls?.ca, socketUrl })
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

/** Makes key and certificate files, and says which settings name them. */
async function certify(
  folder: string,
  account: Account | undefined,
): Promise<{ ca: string; settings: Record<string, string> }> {
  const { certificate, key } = selfSigned()
  const files = {
    ssl_cert_file: join(folder, 'server.crt'),
    ssl_key_file: join(folder, 'server.key'),
  }
  await writePrivateFile(files.ssl_cert_file, certificate, account)
  await writePrivateFile(files.ssl_key_file, key, account)
  return { ca: certificate, settings: { ssl: 'on', ...files } }
}
