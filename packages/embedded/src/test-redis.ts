import { once } from 'node:events'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { EmbeddedError } from './embedded-error.ts'
import { findProgram } from './find-program.ts'
import { type BoundProcess, endBound, spawnBound } from './lifeline.ts'
import { freePort } from './port.ts'

/** A Redis for tests. */
export interface TestRedis extends AsyncDisposable {
  readonly url: string
  /** Ends it if it is ours; a server named by TEST_REDIS_URL is left alone. */
  stop(): Promise<void>
  /** Ends it at once; what it held is gone, as it keeps nothing on disk. Only for one of our own. */
  kill(): Promise<void>
}

/**
 * The server of TEST_REDIS_URL if that is set, else a private `redis-server` (or `valkey-server`)
 * without persistence.
 *
 * @returns undefined if neither is there: the test is to be skipped, with that reason
 * @throws {EmbeddedError} `START_FAILED` if the program is there and does not start
 */
export async function testRedis(): Promise<TestRedis | undefined> {
  const url = process.env.TEST_REDIS_URL
  if (url) {
    const leave = () => Promise.resolve()
    return { url, stop: leave, kill: leave, [Symbol.asyncDispose]: leave }
  }
  const program = (await findProgram('redis-server')) ?? (await findProgram('valkey-server'))
  return program ? startRedis(program) : undefined
}

async function startRedis(program: string): Promise<TestRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'aquifer-redis-'))
  const port = await freePort()
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder]
  const log = await open(join(folder, 'redis.log'), 'a')
  const process = await spawnBound(program, [...args, '--save', '', '--appendonly', 'no'], {
    log: log.fd,
    removeOnOrphan: folder,
  })
  await log.close()
  const end = async (...signals: NodeJS.Signals[]) => {
    await endBound(process, signals)
    await rm(folder, { recursive: true, force: true })
  }
  const stop = () => end('SIGINT', 'SIGKILL')
  if (!(await answers(process, port))) {
    await stop()
    throw new EmbeddedError('START_FAILED', `${program} does not answer on port ${port}`)
  }
  const url = `redis://127.0.0.1:${port}`
  return { url, stop, kill: () => end('SIGKILL'), [Symbol.asyncDispose]: stop }
}

async function answers(process: BoundProcess, port: number): Promise<boolean> {
  const until = performance.now() + 10_000
  while (!process.hasExited && performance.now() < until) {
    if (await pings(port)) return true
    await delay(20)
  }
  return false
}

async function pings(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    socket.write('PING\r\n')
    const [reply] = (await once(socket, 'data')) as [Buffer]
    return reply.toString() === '+PONG\r\n'
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
