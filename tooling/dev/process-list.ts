import { execFile } from 'node:child_process'
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { preload } from './child.ts'

/** The processes of a running `npm start` by name, as `.aquifer/processes.json` holds them. */
export interface ProcessList {
  start?: number
  api?: number
  worker?: number
}

/** Reads the list; empty if nothing runs. */
export async function readProcesses(dataDir: string): Promise<ProcessList> {
  try {
    return JSON.parse(await readFile(listFile(dataDir), 'utf8')) as ProcessList
  } catch {
    return {}
  }
}

/** Replaces the list in one step; not asynchronous, so that two changes cannot overtake each other. */
export function writeProcesses(dataDir: string, list: ProcessList): void {
  const fresh = `${listFile(dataDir)}.new`
  writeFileSync(fresh, `${JSON.stringify(list, null, 2)}\n`)
  renameSync(fresh, listFile(dataDir))
}

/** Removes the list: nothing runs any more. */
export function removeProcesses(dataDir: string): void {
  rmSync(listFile(dataDir), { force: true })
}

/** The process of another start over the same folder, if it runs. Not fooled by a number that was given away. */
export async function startOf(dataDir: string): Promise<number | undefined> {
  const { start } = await readProcesses(dataDir)
  if (start === undefined || start === process.pid) return undefined
  return (await commandOf(start)).includes('tooling/dev/start.ts') ? start : undefined
}

/** The apps that another start has left behind and that still run. */
export async function leftovers(dataDir: string): Promise<number[]> {
  const { api, worker } = await readProcesses(dataDir)
  const found: number[] = []
  for (const pid of [api, worker]) {
    if (pid !== undefined && (await commandOf(pid)).includes(preload)) found.push(pid)
  }
  return found
}

function listFile(dataDir: string): string {
  return join(dataDir, 'processes.json')
}

/** Linux is asked through /proc: slim images have no `ps`. */
async function commandOf(pid: number): Promise<string> {
  if (process.platform === 'linux') {
    return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  }
  const run = promisify(execFile)('ps', ['-o', 'command=', '-p', String(pid)])
  return run.then(
    ({ stdout }) => stdout,
    () => '',
  )
}
