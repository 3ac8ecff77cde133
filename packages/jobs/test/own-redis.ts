import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { freePort } from '@aquifer/embedded'
import type { TestContext } from 'vitest'
import { until } from './world.ts'

/** A Redis without persistence that can be killed and started again under the same address. */
export class OwnRedis implements AsyncDisposable {
  readonly #port: number
  #process: ChildProcess | undefined

  private constructor(port: number) {
    this.#port = port
  }

  /** Skips the test if there is no redis-server. */
  static async start({ skip }: Pick<TestContext, 'skip'>): Promise<OwnRedis> {
    const redis = new OwnRedis(await freePort())
    if (!(await redis.start())) skip('no redis-server on the PATH')
    return redis
  }

  get url(): string {
    return `redis://127.0.0.1:${this.#port}`
  }

  /** Starts it, empty; false if there is no such program. */
  async start(): Promise<boolean> {
    const options = { port: this.#port, bind: '127.0.0.1', save: '', appendonly: 'no' }
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)])
    this.#process = spawn('redis-server', args, { stdio: 'ignore' })
    const spawned = await once(this.#process, 'spawn').catch(() => undefined)
    if (spawned === undefined) return false
    await until(() => this.#accepts())
    return true
  }

  async kill(): Promise<void> {
    const exited = once(this.#process as ChildProcess, 'exit')
    this.#process?.kill('SIGKILL')
    await exited
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process?.exitCode === null && this.#process.signalCode === null) await this.kill()
  }

  #accepts(): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const socket = connect(this.#port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    return promise.finally(() => socket.destroy())
  }
}
