import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '@aquifer/embedded'
import { type ProcessList, readProcesses } from '../dev/process-list.ts'
import { root } from '../dev/settings.ts'

/** The whole product, started as `npm start` does and driven from outside. */
export interface Product extends AsyncDisposable {
  readonly url: string
  readonly port: number
  readonly dataDir: string
  /** All that it has printed. */
  output(): string
  processes(): Promise<ProcessList>
  /** Ctrl-C as a terminal sends it: to every process of the group. @returns the exit code */
  interrupt(): Promise<number | null>
  /** The exit code, once it has ended. */
  readonly exited: Promise<number | null>
}

/** What a test sets; everything else of its own environment stays out. */
export interface ProductOptions {
  dataDir: string
  port?: number
  env?: Record<string, string>
}

const stopLimitMs = 10_000

/** Starts the product and waits for its banner. Throws what it printed if it ends before. */
export async function startProduct(options: ProductOptions): Promise<Product> {
  for (let attempt = 1; ; attempt++) {
    const product = await launch(options)
    const up = async () => {
      while (!product.output().includes('Stop:  Ctrl-C')) await delay(50)
    }
    const code = await Promise.race([up(), product.exited])
    if (code === undefined) return product
    // Between our look for a free port and its use another test on this machine may take it.
    const isRace = options.port === undefined && product.output().includes('is taken by another')
    if (!isRace || attempt === 3) {
      throw new Error(`the start ended with ${code}: ${product.output()}`)
    }
  }
}

/** Starts the product without waiting: for a start that is to fail. */
export async function launch(options: ProductOptions): Promise<Product> {
  const { dataDir, port = await freePort(), env = {} } = options
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(process.execPath, [join(root, 'tooling', 'bootstrap', 'start.mjs')], {
    env: { PATH, HOME, PORT: String(port), AQUIFER_DATA_DIR: dataDir, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      text += chunk
    })
  }
  const exited = once(child, 'close').then(([code]) => code as number | null)
  const interrupt = async () => {
    signalGroup(child, 'SIGINT')
    const cancel = new AbortController()
    const limit = delay(stopLimitMs, 'late', { signal: cancel.signal }).catch(() => undefined)
    const code = await Promise.race([exited, limit])
    cancel.abort()
    if (typeof code === 'number' || code === null) return code
    throw new Error(`still running ${stopLimitMs} ms after Ctrl-C: ${text}`)
  }
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    dataDir,
    output: () => text,
    processes: () => readProcesses(dataDir),
    interrupt,
    exited,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) await interrupt()
    },
  }
}

/** A data folder for one test that the database server's user may enter, also for root. */
export async function openDataDir(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'aquifer-e2e-'))
  await chmod(path, 0o755)
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** What `aquifer` reads about the embedded server. */
export async function readServerFile(
  dataDir: string,
): Promise<{ url: string; dataDir: string; pid: number }> {
  return JSON.parse(await readFile(join(dataDir, 'server.json'), 'utf8'))
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid !== undefined) process.kill(-child.pid, signal)
}
