import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import { spawnOptions } from '../src/account.ts'
import { startServer } from '../src/index.ts'
import { choosePlace } from '../src/place.ts'
import { commandOf } from '../src/process-identity.ts'
import { openFolder } from './folder.ts'
import { sql } from './sql.ts'

interface Started {
  pid: number
  url: string
  dataDir: string
}

async function startOwner(...args: string[]): Promise<Started & { process: ChildProcess }> {
  const script = fileURLToPath(new URL('./killed-owner.ts', import.meta.url))
  const child = fork(script, args)
  const [started] = (await once(child, 'message')) as [Started]
  return { ...started, process: child }
}

test('a server ends in good order when its owner is killed, and its data is found again', async () => {
  await using folder = await openFolder()
  const dataDir = join(folder.path, 'pg')
  const owner = await startOwner('persistent', dataDir)
  await sql(owner.url, 'create table t as select 7 as n')

  owner.process.kill('SIGKILL')
  await using server = await startServer({ dataDir })

  expect(await commandOf(owner.pid)).toBeUndefined()
  expect(await sql(server.url, 'select n from t')).toEqual([{ n: 7 }])
})

test('a temporary server and its folder are gone when its owner is killed', async () => {
  const owner = await startOwner('temporary')

  owner.process.kill('SIGKILL')

  await vi.waitFor(() => expect(existsSync(dirname(owner.dataDir))).toBe(false), 20_000)
  expect(await commandOf(owner.pid)).toBeUndefined()
})

test('a frozen temporary server and its folder are gone when its owner is killed', async () => {
  const owner = await startOwner('frozen')

  owner.process.kill('SIGKILL')

  await vi.waitFor(() => expect(existsSync(dirname(owner.dataDir))).toBe(false), 20_000)
  expect(await commandOf(owner.pid)).toBeUndefined()
})

test('a server that outlived its owner is stopped and its data taken over', async () => {
  await using folder = await openFolder()
  const dataDir = join(folder.path, 'pg')
  const first = await startServer({ dataDir })
  await sql(first.url, 'create table t as select 7 as n')
  await first.stop()
  const { account, binaries } = await choosePlace(dataDir)
  const orphan = spawn(
    binaries.postgres,
    ['-D', first.dataDir, '-p', String(first.port), '-c', 'aquifer.owner=1@long_gone', '-k', ''],
    { ...spawnOptions(account), stdio: 'ignore' },
  )
  const ended = once(orphan, 'exit')
  await vi.waitFor(() => sql(first.url, 'select 1'), 20_000)

  await using server = await startServer({ dataDir })

  expect(await ended).toEqual([0, null])
  expect(await sql(server.url, 'select n from t')).toEqual([{ n: 7 }])
})
