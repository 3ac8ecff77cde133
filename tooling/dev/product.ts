import { join } from 'node:path'
import { freePort } from '@aquifer/embedded'
import { banner } from './banner.ts'
import { type Database, openDatabase } from './database.ts'
import { logView } from './log-view.ts'
import { preflight } from './preflight.ts'
import { prepareDatabase } from './prepare.ts'
import { type ProcessList, removeProcesses, writeProcesses } from './process-list.ts'
import { root, type StartSettings } from './settings.ts'
import { type Supervised, supervise } from './supervisor.ts'

/** What runs so far: a stop in the middle of a start finds here what there is to stop. */
export interface Running {
  /** Set once this start is the only one over its data folder. */
  dataDir?: string
  database?: Database
  apps: Supervised[]
}

/** What a start needs from its process. */
export interface StartOptions {
  readSettings(): StartSettings
  say(text: string): void
  signal: AbortSignal
}

/** Children first, then the server they use: together below ten seconds. */
const appLimitMs = 5_000
const databaseLimitMs = 3_000

/** Starts everything and shows the banner. Throws at the next step once `signal` is aborted. */
export async function startProduct(running: Running, options: StartOptions): Promise<void> {
  const { say, signal } = options
  const settings = options.readSettings()
  await preflight(settings, { say })
  signal.throwIfAborted()
  say('Starting database, API and worker.')
  running.dataDir = settings.dataDir
  const processes: ProcessList = { start: process.pid }
  writeProcesses(settings.dataDir, processes)

  running.database = await openDatabase(settings, say)
  signal.throwIfAborted()
  if (await prepareDatabase(running.database.url)) say('filled the database with demo data')
  signal.throwIfAborted()

  const ports = { api: settings.port, worker: settings.workerPort ?? (await freePort()) }
  const env = {
    ...process.env,
    DATABASE_URL: running.database.url,
    AQUIFER_DATA_DIR: settings.dataDir,
    PORT: String(ports.api),
    WORKER_PORT: String(ports.worker),
  }
  for (const name of ['api', 'worker'] as const) {
    const app = supervise({
      name,
      script: join(root, 'apps', name, 'src', 'main.ts'),
      env,
      logFile: join(settings.dataDir, 'logs', `${name}.log`),
      onLine: logView(name, say),
      say,
      onStart(pid) {
        if (pid !== undefined) processes[name] = pid
        writeProcesses(settings.dataDir, processes)
      },
    })
    running.apps.push(app)
  }
  await Promise.all(
    running.apps.map((app) => app.ready(() => isReady(ports[app.name as keyof typeof ports]))),
  )
  say(banner(settings, running.database.description))
}

/** Stops what runs, in order. */
export async function stopProduct({ apps, database, dataDir }: Running): Promise<void> {
  await Promise.all(apps.map((app) => app.stop(appLimitMs)))
  await database?.stop(databaseLimitMs)
  if (dataDir !== undefined) removeProcesses(dataDir)
}

async function isReady(port: number): Promise<boolean> {
  try {
    const url = `http://127.0.0.1:${port}/health/ready`
    return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok
  } catch {
    return false
  }
}
