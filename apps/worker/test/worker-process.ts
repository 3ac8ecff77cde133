import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'

/** A line of the worker's log. */
export interface LogLine {
  readonly msg: string
  readonly [field: string]: unknown
}

/** The worker as it is run: its own process, told by its environment. */
export class WorkerProcess implements AsyncDisposable {
  readonly lines: LogLine[] = []
  readonly #child: ChildProcess
  readonly #exit: Promise<[number | null, NodeJS.Signals | null]>
  #stderr = ''

  constructor(env: Record<string, string>) {
    const file = fileURLToPath(new URL('../src/main.ts', import.meta.url))
    const { PATH = '' } = process.env
    this.#child = fork(file, [], { env: { PATH, ...env }, silent: true })
    this.#exit = once(this.#child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
    createInterface({ input: this.#child.stdout as Readable }).on('line', (line) => {
      this.lines.push(JSON.parse(line))
    })
    this.#child.stderr?.on('data', (chunk) => {
      this.#stderr += chunk
    })
  }

  get stderr(): string {
    return this.#stderr
  }

  said(message: string): LogLine[] {
    return this.lines.filter(({ msg }) => msg === message)
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** What happens to a child whose parent dies. */
  disconnect(): void {
    this.#child.disconnect()
  }

  /** How it ended: `code 0` or `signal SIGKILL`. */
  async ended(): Promise<string> {
    const [code, signal] = await this.#exit
    return signal === null ? `code ${code}` : `signal ${signal}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.signal('SIGKILL')
    await this.#exit
  }
}
