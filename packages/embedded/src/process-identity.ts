import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

/**
 * Names one process of this machine for good: its number and when it started, since the number
 * alone is given to another process some day. Undefined if there is no such process.
 */
export async function identityOf(pid: number): Promise<string | undefined> {
  const start = await startOf(pid)
  return start === undefined ? undefined : `${pid}@${start.replaceAll(/\s+/g, '_')}`
}

/** True if exactly the process that `identityOf` named still runs. */
export async function isAlive(identity: string): Promise<boolean> {
  return (await identityOf(Number.parseInt(identity, 10))) === identity
}

/** True if some process has this number now. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** The command line of a process, or undefined if there is none with this number. */
export async function commandOf(pid: number): Promise<string | undefined> {
  if (process.platform !== 'linux') return ps(pid, 'command=')
  const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  return text === '' ? undefined : text.replaceAll('\0', ' ')
}

/** Linux is asked through /proc: slim images have no `ps`. */
async function startOf(pid: number): Promise<string | undefined> {
  if (process.platform !== 'linux') return ps(pid, 'lstart=')
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  // The second field is the program's name in brackets and may itself hold spaces and brackets.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  // The first one after it is the state: a zombie has ended, its parent only has not looked yet.
  if (!fields || fields[0] === 'Z') return undefined
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')
  return `${boot.trim()}:${fields[19]}`
}

async function ps(pid: number, column: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', column, '-p', String(pid)])
    return stdout.trim() || undefined
  } catch {
    return undefined
  }
}
