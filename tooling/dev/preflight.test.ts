import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@aquifer/embedded'
import { expect, test } from 'vitest'
import { preload } from './child.ts'
import { preflight } from './preflight.ts'
import { writeProcesses } from './process-list.ts'

async function setup() {
  const dataDir = await mkdtemp(join(tmpdir(), 'aquifer-preflight-'))
  const said: string[] = []
  const settings = {
    databaseUrl: undefined,
    redisUrl: undefined,
    port: await freePort(),
    workerPort: undefined,
    dataDir,
  }
  return {
    dataDir,
    settings,
    said,
    check: (leftoverLimitMs = 10_000) =>
      preflight(settings, { say: (text) => said.push(text), leftoverLimitMs }),
    [Symbol.asyncDispose]: () => rm(dataDir, { recursive: true }),
  }
}

async function startScript(folder: string, name: string, ...args: string[]): Promise<ChildProcess> {
  await mkdir(join(folder, 'tooling', 'dev'), { recursive: true })
  const file = join(folder, 'tooling', 'dev', name)
  await writeFile(file, 'process.send("up"); process.once("message", () => process.exit())')
  const child = spawn(process.execPath, [file, ...args], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  await once(child, 'message')
  return child
}

test('a free port and an unused folder are no obstacle', async () => {
  await using t = await setup()

  await t.check()

  expect(t.said).toEqual([])
})

test('a taken port is named, with the way to choose another', async () => {
  await using t = await setup()
  const other = createServer().listen(0)
  await once(other, 'listening')
  t.settings.port = (other.address() as AddressInfo).port

  await expect(t.check()).rejects.toThrow(
    new RegExp(`port ${t.settings.port} is taken.*PORT=4000 npm start`),
  )
  other.close()
})

test('a second start over the same folder is told of the first', async () => {
  await using t = await setup()
  const first = await startScript(t.dataDir, 'start.ts')
  writeProcesses(t.dataDir, { start: first.pid as number })

  await expect(t.check()).rejects.toThrow(`already runs over ${t.dataDir} (process ${first.pid})`)
  first.kill()
})

test('a list that a killed start has left is no obstacle, though its number was given away', async () => {
  await using t = await setup()
  const other = await startScript(t.dataDir, 'other.ts')
  writeProcesses(t.dataDir, { start: other.pid as number })

  await t.check()

  other.kill()
})

test('processes of a killed start are waited for', async () => {
  await using t = await setup()
  const api = await startScript(t.dataDir, 'api.ts', preload)
  writeProcesses(t.dataDir, { start: 2 ** 22 + 1, api: api.pid as number })
  const ended = once(api, 'exit')

  const checked = t.check()
  await expect.poll(() => t.said).toEqual(['waiting for the processes of a killed start to end'])
  api.send('go')
  await checked

  expect(await ended).toEqual([0, null])
})

test('a process of a killed start that does not end is killed', async () => {
  await using t = await setup()
  const worker = await startScript(t.dataDir, 'worker.ts', preload)
  writeProcesses(t.dataDir, { start: 2 ** 22 + 1, worker: worker.pid as number })
  const ended = once(worker, 'exit')

  await t.check(50)

  expect(await ended).toEqual([null, 'SIGKILL'])
})
