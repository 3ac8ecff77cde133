import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestDatabase } from '@aquifer/embedded'
import { expect, inject, test, vi } from 'vitest'
import config from '../aquifer.config.ts'

/** A data folder, named by the environment until the test ends; DATABASE_URL is unset. */
async function dataFolder(server?: { url: string; pid: number }) {
  const folder = await mkdtemp(join(tmpdir(), 'aquifer-data-'))
  if (server !== undefined) await writeFile(join(folder, 'server.json'), JSON.stringify(server))
  vi.stubEnv('AQUIFER_DATA_DIR', folder)
  vi.stubEnv('DATABASE_URL', '')
  return {
    [Symbol.asyncDispose]: async () => {
      vi.unstubAllEnvs()
      await rm(folder, { recursive: true })
    },
  }
}

const NO_DATABASE = {
  code: 'DATABASE_URL_MISSING',
  kind: 'usage',
  message: expect.stringContaining('or start the embedded server with npm start'),
}

test('DATABASE_URL names the database', async () => {
  await using database = await createTestDatabase(inject('databaseUrl'))
  await using _folder = await dataFolder({ url: 'postgres://127.0.0.1:1/none', pid: process.pid })
  vi.stubEnv('DATABASE_URL', database.url)
  await using engine = await config.openEngine()
  expect(engine.profile).toMatchObject({ name: 'migrations', url: database.url })
})

test('without it the server that npm start runs is used', async () => {
  await using database = await createTestDatabase(inject('databaseUrl'))
  await using _folder = await dataFolder({ url: database.url, pid: process.pid })
  await using engine = await config.openEngine()
  expect(engine.profile.url).toBe(database.url)
})

test('with neither the message says what to do', async () => {
  await using _folder = await dataFolder()
  await expect(config.openEngine()).rejects.toMatchObject(NO_DATABASE)
})

test('a server that crashed and left its file behind counts as none', async () => {
  const gone = spawn(process.execPath, ['--eval', ''], { stdio: 'ignore' })
  await once(gone, 'exit')
  await using _folder = await dataFolder({ url: 'postgres://127.0.0.1:1/none', pid: gone.pid! })
  await expect(config.openEngine()).rejects.toMatchObject(NO_DATABASE)
})
