import { setTimeout as delay } from 'node:timers/promises'
import { assertVersion, createCluster, isCluster, superuser } from './cluster.ts'
import { EmbeddedError } from './embedded-error.ts'
import { type EmbeddedServer, embeddedServer } from './embedded-server.ts'
import { endFormerServer, ownerSetting } from './former-server.ts'
import type { BoundProcess } from './lifeline.ts'
import { createDatabase, hasDatabase, urlOf } from './maintenance.ts'
import { choosePlace, type Place, serverVersion } from './place.ts'
import { freePort, isPortFree } from './port.ts'
import { startPostmaster } from './postmaster.ts'
import { identityOf } from './process-identity.ts'
import { readServerRecord, type ServerRecord, writeServerRecord } from './server-record.ts'

/** How to start a server that keeps its data. */
export interface ServerOptions {
  /** Where the data lies; made if missing. Its owner is the user that the server runs as. */
  dataDir: string
  /** @default the port of the last start if it is free, else any free one */
  port?: number
  /** The database that `url` names; made if missing. @default 'postgres' */
  database?: string
  /** Server settings, as in postgresql.conf. */
  settings?: Record<string, string>
  /** Hears in a few words what takes time. */
  onProgress?: (text: string) => void
}

/**
 * Starts a server over a data directory and keeps it there between starts: the same data, the same
 * password and, if it is free, the same port. Listens on 127.0.0.1 alone.
 *
 * What a killed run has left (an unfinished data directory, a running server, a stale lock file)
 * is cleared away first.
 *
 * @throws {EmbeddedError} see its codes; nothing runs then
 */
export async function startServer(options: ServerOptions): Promise<EmbeddedServer> {
  const { onProgress, settings = {}, database = 'postgres' } = options
  const place = await choosePlace(options.dataDir, onProgress)
  const { binaries, dataDir, account } = place
  const version = await serverVersion(binaries, account)
  if (!(await isCluster(dataDir))) {
    onProgress?.('making a database')
    await createCluster(dataDir, { binaries, account, temporary: false })
  }
  await assertVersion(dataDir, version)
  const record = await recordOf(dataDir)
  await endFormerServer(dataDir, onProgress)
  const server = await startOnSomePort(place, record.port, {
    ...options,
    settings: { max_connections: '200', ...settings },
  })
  const base = urlWith(record.password, server.port)
  const running = embeddedServer({ ...place, ...server, url: urlOf(base, database), version })
  try {
    await writeServerRecord(dataDir, { ...record, port: server.port }, account)
    if (!(await hasDatabase(base, database))) await createDatabase(base, database)
    return running
  } catch (error) {
    await running.stop()
    throw error
  }
}

async function recordOf(dataDir: string): Promise<ServerRecord> {
  const record = await readServerRecord(dataDir)
  if (record) return record
  throw new EmbeddedError(
    'START_FAILED',
    `${dataDir} holds a database, but not the file aquifer.json with its password. ` +
      'Put the file back, or move the folder away to start empty.',
  )
}

async function startOnSomePort(
  place: Place,
  formerPort: number | undefined,
  options: ServerOptions,
): Promise<{ process: BoundProcess; start: () => Promise<BoundProcess>; port: number }> {
  const { port: fixedPort, settings, onProgress } = options
  const owner = (await identityOf(process.pid)) ?? 'unknown'
  for (let attempt = 1; ; attempt++) {
    const port = fixedPort ?? (await likelyPort(attempt === 1 ? formerPort : undefined))
    const withOwner = { ...settings, [ownerSetting]: owner }
    const start = () => startPostmaster({ ...place, port, settings: withOwner, onProgress })
    try {
      return { process: await start(), start, port }
    } catch (error) {
      if (attempt === 10 || !mayPass(error, fixedPort !== undefined)) throw error
      await delay(100 * attempt)
    }
  }
}

/**
 * Another program may take the port between our look and the start; and the processes of a server
 * that was killed hold its shared memory for a moment longer.
 */
function mayPass(error: unknown, portIsFixed: boolean): boolean {
  if (!(error instanceof EmbeddedError)) return false
  if (error.code === 'PORT_TAKEN') return !portIsFixed
  return error.message.includes('pre-existing shared memory block')
}

async function likelyPort(former: number | undefined): Promise<number> {
  if (former !== undefined && (await isPortFree(former))) return former
  return freePort()
}

function urlWith(password: string, port: number): string {
  return `postgres://${superuser}:${password}@127.0.0.1:${port}/postgres`
}
