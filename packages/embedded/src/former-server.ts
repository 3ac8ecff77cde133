import { rm } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { EmbeddedError } from './embedded-error.ts'
import { postmasterFile, readPostmasterFile } from './postmaster-file.ts'
import { commandOf, isAlive, isRunning } from './process-identity.ts'

/**
 * A server setting without a meaning to the server: it carries the identity of the process that
 * started it, and so is there exactly as long as the server is.
 */
export const ownerSetting = 'aquifer.owner'

/**
 * Ends what an earlier start has left: a server whose owner was killed is stopped (adopting it
 * would mean to trust settings and a port that this start did not choose), and a `postmaster.pid`
 * whose number belongs to an unrelated process by now is removed, since PostgreSQL would take it
 * for a running server. One of a dead process PostgreSQL judges better itself.
 *
 * @throws {EmbeddedError} `ALREADY_RUNNING` if the owner of that server still lives
 */
export async function endFormerServer(
  dataDir: string,
  onProgress?: (text: string) => void,
): Promise<void> {
  const file = await readPostmasterFile(dataDir)
  if (!file) return
  const command = await serverCommand(file.pid, dataDir)
  if (!command) {
    if (isRunning(file.pid)) await rm(postmasterFile(dataDir), { force: true })
    return
  }
  const owner = new RegExp(`${ownerSetting}=(\\S+)`).exec(command)?.[1]
  if (owner && (await isAlive(owner))) {
    throw new EmbeddedError(
      'ALREADY_RUNNING',
      `the database server over ${dataDir} is already running: process ${file.pid}, started by process ` +
        `${owner.split('@')[0]}. Stop that one first, or choose another folder.`,
    )
  }
  onProgress?.('stopping the database server that a killed start has left')
  await endForeign(file.pid, dataDir)
}

/** The command line of the server over `dataDir`; a number alone proves nothing. */
async function serverCommand(pid: number, dataDir: string): Promise<string | undefined> {
  const command = await commandOf(pid)
  return command?.includes(` -D ${dataDir} `) ? command : undefined
}

/** It is no child of ours, so nobody tells us of its end: look again and again. */
async function endForeign(pid: number, dataDir: string): Promise<void> {
  const steps = [
    ['SIGINT', 10_000],
    ['SIGQUIT', 3_000],
    ['SIGKILL', 3_000],
  ] as const
  for (const [signal, limitMs] of steps) {
    const until = performance.now() + limitMs
    sendSignal(pid, signal)
    while (performance.now() < until) {
      if (!(await serverCommand(pid, dataDir))) return
      await delay(20)
    }
  }
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has just ended.
  }
}
