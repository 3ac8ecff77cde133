import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'

interface Process {
  pid: number
  parent: number
  /** The first letter of its state: `T` is stopped, `Z` has ended. */
  state: string
}

const pollMs = 2

/**
 * Stops a process and all that descend from it, and returns once every one of them stands still. The
 * parent goes first: who stands still has no further children, so the look after it is complete.
 */
export async function freezeTree(root: number): Promise<void> {
  const known = new Set<number>()
  for (let wave = [root]; wave.length > 0; ) {
    for (const pid of wave) {
      known.add(pid)
      send(pid, 'SIGSTOP')
    }
    await stillness(wave)
    wave = descendants(await processes(), root).filter((pid) => !known.has(pid))
  }
}

/** Lets a frozen tree go on, the root last: it finds its children as it left them. */
export async function thawTree(root: number): Promise<void> {
  for (const pid of descendants(await processes(), root).reverse()) send(pid, 'SIGCONT')
  send(root, 'SIGCONT')
}

/** Ends a process and all that descend from it at one stroke, and returns once none is left. */
export async function killTree(root: number): Promise<void> {
  await freezeTree(root)
  const doomed = [root, ...descendants(await processes(), root)]
  for (const pid of doomed) send(pid, 'SIGKILL')
  while ((await processes()).some(({ pid }) => doomed.includes(pid))) await delay(pollMs)
}

/** A signal takes effect when its receiver is scheduled next, which may be after `kill` has returned. */
async function stillness(pids: readonly number[]): Promise<void> {
  for (;;) {
    const moving = (await processes()).filter(
      ({ pid, state }) => pids.includes(pid) && state !== 'T',
    )
    if (moving.length === 0) return
    await delay(pollMs)
  }
}

/** Children come behind their parents. */
function descendants(all: readonly Process[], root: number): number[] {
  const found = [root]
  for (const parent of found) {
    for (const one of all) if (one.parent === parent) found.push(one.pid)
  }
  return found.slice(1)
}

/** Every process that has not ended. Linux is asked through /proc: slim images have no `ps`. */
async function processes(): Promise<Process[]> {
  const all = process.platform === 'linux' ? await fromProc() : await fromPs()
  return all.filter(({ state }) => state !== 'Z')
}

async function fromProc(): Promise<Process[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(
    pids.map(async (name) => {
      const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => undefined)
      // The name of the program stands in brackets and may itself hold spaces and brackets.
      const [state, parent] = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? []
      return { pid: Number(name), parent: Number(parent), state: state ?? 'Z' }
    }),
  )
  return found
}

async function fromPs(): Promise<Process[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,state='])
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .map(([pid, parent, state = 'Z']) => ({
      pid: Number(pid),
      parent: Number(parent),
      state: state.charAt(0),
    }))
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has just ended.
  }
}
