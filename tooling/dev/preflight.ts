import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { leftovers, startOf } from './process-list.ts'
import { type StartSettings, shortPath } from './settings.ts'
import { StartError } from './start-error.ts'

/** How to look. */
export interface PreflightOptions {
  say(text: string): void
  /** How long the apps of a killed start may take to end. @default 5000 */
  leftoverLimitMs?: number
}

/**
 * Looks at what would make a start fail, before anything is started.
 *
 * @throws {StartError} that says what to do
 */
export async function preflight(settings: StartSettings, options: PreflightOptions): Promise<void> {
  await mkdir(settings.dataDir, { recursive: true }).catch(explainFolder)
  await assertAlone(settings)
  await endLeftovers(settings.dataDir, options)
  await assertPortFree(settings.port)
}

async function assertAlone({ dataDir, port }: StartSettings): Promise<void> {
  const pid = await startOf(dataDir)
  if (pid === undefined) return
  throw new StartError(
    `Aquifer already runs over ${shortPath(dataDir)} (process ${pid}). Stop it there with Ctrl-C, or start a second one ` +
      `beside it: AQUIFER_DATA_DIR=.aquifer-2 PORT=${port + 1} npm start`,
  )
}

/**
 * When a start was killed, its apps notice and end in good order; they hold the port until then. Who
 * does not end in time is killed.
 */
async function endLeftovers(dataDir: string, options: PreflightOptions): Promise<void> {
  const { say, leftoverLimitMs = 5_000 } = options
  const until = performance.now() + leftoverLimitMs
  for (let said = false; ; said = true) {
    const pids = await leftovers(dataDir)
    if (pids.length === 0) return
    if (!said) say('waiting for the processes of a killed start to end')
    if (performance.now() > until) for (const pid of pids) process.kill(pid, 'SIGKILL')
    await delay(50)
  }
}

/** Listens for a moment in the same way as the API will. */
async function assertPortFree(port: number): Promise<void> {
  const server = createServer()
  try {
    server.listen(port)
    await once(server, 'listening')
  } catch (error) {
    throw new StartError(explainPort(port, error as NodeJS.ErrnoException), { cause: error })
  } finally {
    server.close()
  }
}

function explainPort(port: number, { code, message }: NodeJS.ErrnoException): string {
  const other = `choose another port: PORT=${port === 4000 ? 4001 : 4000} npm start`
  if (code === 'EADDRINUSE') {
    return `port ${port} is taken by another program. Stop that one, or ${other}`
  }
  if (code === 'EACCES') return `port ${port} is reserved for the system: ${other}`
  return `port ${port} cannot be used (${message}): ${other}`
}

function explainFolder(error: NodeJS.ErrnoException): never {
  const reason = error.code === 'ENOSPC' ? 'the disk is full' : error.message
  throw new StartError(
    `the data folder cannot be made: ${reason}. AQUIFER_DATA_DIR names another one.`,
  )
}
