import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '@aquifer/embedded'
import { describe, expect, test, vi } from 'vitest'
import { root } from '../dev/settings.ts'
import { launch, openDataDir, type Product, readServerFile, startProduct } from './product.ts'
import { ask, register, type Visitor } from './visitor.ts'

async function expectGone(...pids: (number | undefined)[]): Promise<void> {
  for (const pid of pids) {
    const look = () => expect(() => process.kill(pid ?? 0, 0)).toThrow('ESRCH')
    await vi.waitFor(look, { timeout: 15_000, interval: 50 })
  }
}

async function expectKnown(product: Product, { email, password }: Visitor): Promise<void> {
  const login = await ask(product, 'POST /auth/login', { body: { email, password } })
  expect(login.status).toBe(200)
}

test('Ctrl-C ends every process in good order, and a second start finds the data', async () => {
  await using folder = await openDataDir()
  const first = await startProduct({ dataDir: folder.path })
  const visitor = await register(first)
  const { api, worker } = await first.processes()
  const { pid: server } = await readServerFile(folder.path)

  expect(await first.interrupt()).toBe(0)
  expect(first.output()).toContain('Stopped.')
  await expectGone(api, worker, server)

  await using second = await startProduct({ dataDir: folder.path })
  await expectKnown(second, visitor)
})

test('a Ctrl-C in the middle of a start leaves nothing behind', async () => {
  await using folder = await openDataDir()
  const product = await launch({ dataDir: folder.path })
  const server = await vi.waitFor(() => readServerFile(folder.path), {
    timeout: 30_000,
    interval: 10,
  })

  expect(await product.interrupt()).toBe(0)

  await expectGone(server.pid)
  expect(await product.processes()).toEqual({})
})

test('when the start is killed its processes end, and the next start finds the data', async () => {
  await using folder = await openDataDir()
  const first = await startProduct({ dataDir: folder.path })
  const visitor = await register(first)
  const { start, api, worker } = await first.processes()
  const { pid: server } = await readServerFile(folder.path)

  process.kill(start as number, 'SIGKILL')
  await first.exited
  await expectGone(api, worker, server)

  await using second = await startProduct({ dataDir: folder.path, port: first.port })
  await expectKnown(second, visitor)
})

test('when everything is killed at once the next start finds the data', async () => {
  await using folder = await openDataDir()
  const first = await startProduct({ dataDir: folder.path })
  const visitor = await register(first)
  const { start, api, worker } = await first.processes()
  const { pid: server } = await readServerFile(folder.path)

  for (const pid of [start, api, worker, server]) process.kill(pid as number, 'SIGKILL')
  await first.exited

  await using second = await startProduct({ dataDir: folder.path, port: first.port })
  await expectKnown(second, visitor)
})

test('a database server that is killed comes back, and the API with it', async () => {
  await using folder = await openDataDir()
  await using product = await startProduct({ dataDir: folder.path })
  const visitor = await register(product)

  process.kill((await readServerFile(folder.path)).pid, 'SIGKILL')

  await vi.waitFor(() => expectKnown(product, visitor), { timeout: 30_000, interval: 100 })
  expect(product.output()).toContain('the database server ended; starting it again')
})

test('a second start over the same data is told of the first', async () => {
  await using folder = await openDataDir()
  await using first = await startProduct({ dataDir: folder.path })

  const second = await launch({ dataDir: folder.path })

  expect(await second.exited).toBe(1)
  expect(second.output()).toContain('Aquifer already runs')
  expect((await ask(first, 'GET /health/ready')).status).toBe(200)
})

test('a taken port is named before anything is started', async () => {
  await using folder = await openDataDir()
  const port = await freePort()
  const other = createServer().listen(port)
  await once(other, 'listening')

  const product = await launch({ dataDir: folder.path, port })

  expect(await product.exited).toBe(1)
  expect(product.output()).toMatch(new RegExp(`port ${port} is taken .* PORT=\\d+ npm start`))
  other.close()
})

test('an unreachable DATABASE_URL is named by host and port, without its password', async () => {
  await using folder = await openDataDir()
  const port = await freePort()
  const env = { DATABASE_URL: `postgres://app:secret-word@127.0.0.1:${port}/shop` }

  const product = await launch({ dataDir: folder.path, env })

  expect(await product.exited).toBe(1)
  expect(product.output()).toContain(`127.0.0.1:${port}/shop cannot be used`)
  expect(product.output()).not.toContain('secret-word')
  expect(product.output()).not.toContain('    at ')
})

test('aquifer finds the running server without any setting', async () => {
  await using folder = await openDataDir()
  await using _product = await startProduct({ dataDir: folder.path })
  const { PATH = '', HOME = '' } = process.env

  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(root, 'tooling', 'bootstrap', 'aquifer.mjs'), 'current'],
    { env: { PATH, HOME, AQUIFER_DATA_DIR: folder.path } },
  )

  expect(stdout).toMatch(/[0-9a-f]{8}/)
})

describe.skipIf(process.getuid?.() !== 0)('as root', () => {
  test('in a folder of mode 0700 the data lies in /var/tmp, as server.json says', async () => {
    await using folder = await openDataDir()
    const dataDir = join(folder.path, 'private', 'data')
    await mkdir(dirname(dataDir), { mode: 0o700 })
    const product = await startProduct({ dataDir })
    const visitor = await register(product)
    const server = await readServerFile(dataDir)
    await using _refuge = {
      [Symbol.asyncDispose]: () => rm(dirname(server.dataDir), { recursive: true }),
    }
    expect(server.dataDir).toMatch(/^\/var\/tmp\/aquifer-[0-9a-f]{16}\/data$/)
    expect((await stat(`/proc/${server.pid}`)).uid).not.toBe(0)

    await product.interrupt()
    await using second = await startProduct({ dataDir })

    await expectKnown(second, visitor)
  })
})
