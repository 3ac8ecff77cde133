import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type EmbeddedServer, startServer } from '@aquifer/embedded'
import { type StartSettings, shortPath } from './settings.ts'

/** The database that the product runs on. */
export interface Database {
  readonly url: string
  /** One line for the banner. */
  readonly description: string
  /** Ends the server if it is ours, within `limitMs`. */
  stop(limitMs: number): Promise<void>
  kill(): Promise<void>
}

/** The server of DATABASE_URL, or an embedded one in the data folder. */
export async function openDatabase(
  settings: StartSettings,
  say: (text: string) => void,
): Promise<Database> {
  const { databaseUrl } = settings
  if (databaseUrl === undefined) return startEmbedded(settings, say)
  const nothing = () => Promise.resolve()
  return { url: databaseUrl, description: placeOf(databaseUrl), stop: nothing, kill: nothing }
}

/** Host, port and database of a url: what may be shown of it. */
export function placeOf(url: string): string {
  try {
    const { host, port, pathname } = new URL(url)
    return `${host}${port === '' ? ':5432' : ''}${pathname}`
  } catch {
    return 'the address in DATABASE_URL'
  }
}

async function startEmbedded(
  { dataDir }: StartSettings,
  say: (text: string) => void,
): Promise<Database> {
  const stopping = new AbortController()
  const file = join(dataDir, 'server.json')
  const start = async (port?: number) => {
    const server = await startServer({
      dataDir: join(dataDir, 'postgres'),
      database: 'aquifer',
      onProgress: say,
      ...(port === undefined ? {} : { port }),
    })
    await describe(file, server)
    return server
  }
  let server = await start()
  const { url, port, version, dataDir: place } = server

  /** The pools of the apps find a server that comes back at the same address. */
  const keepRunning = async () => {
    for (let waitMs = 250; !stopping.signal.aborted; waitMs = Math.min(waitMs * 2, 15_000)) {
      await server.exited
      if (stopping.signal.aborted) return
      say(`the database server ended; starting it again in ${waitMs / 1000} s`)
      await delay(waitMs)
      if (stopping.signal.aborted) return
      try {
        server = await start(port)
        say('the database server runs again')
      } catch (error) {
        say((error as Error).message)
      }
    }
  }
  void keepRunning()

  return {
    url,
    description: `PostgreSQL ${version} on 127.0.0.1:${port}, data in ${shortPath(place)}`,
    async stop(limitMs) {
      stopping.abort()
      const cancel = new AbortController()
      const limit = delay(limitMs, 'late', { signal: cancel.signal }).catch(() => undefined)
      if ((await Promise.race([server.stop(), limit])) === 'late') await server.kill()
      cancel.abort()
      await rm(file, { force: true })
    },
    async kill() {
      stopping.abort()
      await server.kill()
    },
  }
}

/** `aquifer` finds the server here when DATABASE_URL is unset. It holds the password: for this user only. */
async function describe(file: string, server: EmbeddedServer): Promise<void> {
  const { url, port, pid, dataDir, binDir } = server
  const text = { url, port, pid, dataDir, binDir, startedAt: new Date().toISOString() }
  await rm(file, { force: true })
  await writeFile(file, `${JSON.stringify(text, null, 2)}\n`, { mode: 0o600 })
}
