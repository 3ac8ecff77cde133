import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { openEngine } from '@app/db'
import { expect, test } from 'vitest'
import { migratedDatabase } from './migrated-database.ts'

interface LogLine {
  msg: string
  port: number
}

const MAIN = new URL('../src/main.ts', import.meta.url).pathname

test('a stopping process finishes the request that runs, then exits with 0', async () => {
  await using t = await setup()
  await using request = await blockedRequest(t)

  t.child.kill('SIGTERM')
  await t.logged('draining')
  await request.unblock()

  expect((await request.response).status).toBe(201)
  expect(await t.exited).toEqual({ code: 0, signal: null })
  await t.logged('stopped')
})

test('whoever asks twice does not wait', async () => {
  await using t = await setup()
  await using request = await blockedRequest(t)

  t.child.kill('SIGINT')
  await t.logged('draining')
  t.child.kill('SIGINT')

  expect(await t.exited).toEqual({ code: 1, signal: null })
  await expect(request.response).rejects.toThrow('fetch failed')
})

test('a process whose parent is gone stops', async () => {
  await using t = await setup()
  await t.logged('listening')

  t.child.disconnect()

  expect(await t.exited).toEqual({ code: 0, signal: null })
})

test('a taken port is one line on stderr', async () => {
  const other = createServer().listen(0)
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  await using t = await setup({ PORT: String(port) })

  expect(await t.exited).toEqual({ code: 1, signal: null })
  expect(t.complaints()).toMatch(new RegExp(`^api: port ${port} is taken .* PORT=\\n$`))
  other.close()
})

test.each([
  ['no database named', { DATABASE_URL: '' }, /^api: DATABASE_URL is not set.*\n$/],
  [
    'an unreachable database',
    { DATABASE_URL: 'postgres://u@127.0.0.1:1/d' },
    /^api: cannot connect to .*\n$/,
  ],
  [
    'no secret in production',
    { NODE_ENV: 'production' },
    /^api: the settings do not fit: JWT_SECRET: .*\n$/,
  ],
])('%s is one line on stderr', async (_, env, complaint) => {
  await using t = await setup(env)

  expect(await t.exited).toEqual({ code: 1, signal: null })
  expect(t.complaints()).toMatch(complaint)
})

/** Starts the process over a migrated database of its own, as `npm start` does. */
async function setup(env: Record<string, string> = {}) {
  const stack = new AsyncDisposableStack()
  const dataDir = await mkdtemp(join(tmpdir(), 'api-'))
  stack.defer(() => rm(dataDir, { recursive: true }))
  const database = stack.use(await migratedDatabase())
  const onlooker = stack.use(await openEngine('migrations', { DATABASE_URL: database.url }))

  const child = spawn(process.execPath, [MAIN], {
    env: { DATABASE_URL: database.url, AQUIFER_DATA_DIR: dataDir, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  stack.defer(() => void child.kill('SIGKILL'))
  const exited = once(child, 'exit').then(([code, signal]) => ({ code, signal }))
  const complaints: string[] = []
  child.stderr?.on('data', (text) => complaints.push(String(text)))
  const lines = {
    listening: Promise.withResolvers<LogLine>(),
    draining: Promise.withResolvers<LogLine>(),
    stopped: Promise.withResolvers<LogLine>(),
  }
  if (child.stdout) {
    createInterface(child.stdout).on('line', (text) => {
      const line: LogLine = JSON.parse(text)
      if (line.msg in lines) lines[line.msg as keyof typeof lines].resolve(line)
    })
  }

  return {
    child,
    onlooker,
    exited,
    complaints: () => complaints.join(''),
    /** The first line with this message, once it is there. */
    logged: (msg: keyof typeof lines) => lines[msg].promise,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

/** A request that runs until `unblock` or the end of the test. */
async function blockedRequest({ logged, onlooker }: Awaited<ReturnType<typeof setup>>) {
  const { port } = await logged('listening')
  const lease = await onlooker.acquire()
  await lease.query('begin')
  await lease.query('lock table users')
  const response = fetch(`http://localhost:${port}/auth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'ada@example.com', username: 'ada', password: 'correct horse' }),
  })
  response.catch(() => {})
  const waiting = `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`
  await expect.poll(async () => (await onlooker.pool.query(waiting)).rowCount).toBe(1)
  return {
    response,
    unblock: () => lease.query('rollback'),
    [Symbol.asyncDispose]: async () => lease.release('destroy'),
  }
}
