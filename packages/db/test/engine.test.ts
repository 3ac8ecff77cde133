import { createTestDatabase, temporaryServer } from '@aquifer/embedded'
import { expect, inject, test } from 'vitest'
import { openEngine, profiles } from '../src/index.ts'

test('without DATABASE_URL the error says what to set', async () => {
  await expect(openEngine('api', {})).rejects.toMatchObject({ code: 'DATABASE_URL_MISSING' })
})

test('a server that is not there is an error at once, with its address and without the password', async () => {
  const DATABASE_URL = 'postgres://someone:secret-word@127.0.0.1:1/none'
  const error = await openEngine('api', { DATABASE_URL }).catch((reason: Error) => reason)
  expect(error).toMatchObject({
    code: 'CONNECTION_FAILED',
    message: expect.stringContaining('127.0.0.1:1'),
  })
  expect((error as Error).message).not.toContain('secret-word')
})

test('pools that need more than there is: a warning in development, a refusal in production', async () => {
  const settings = { max_connections: '50', superuser_reserved_connections: '0' }
  await using server = await temporaryServer({ settings })
  const env = { DATABASE_URL: server.url }
  const warned = new Promise<Error>((resolve) => process.once('warning', resolve))
  await using _api = await openEngine('api', env)
  expect((await warned).message).toContain('max_connections less the reserved ones is 50')
  await expect(openEngine('worker', { ...env, NODE_ENV: 'production' })).rejects.toMatchObject({
    code: 'BUDGET_EXCEEDED',
    message: expect.stringContaining('api (20 + 40)'),
  })
})

test('API and worker have pools of their own, told apart by application_name', async () => {
  await using database = await createTestDatabase(inject('databaseUrl'))
  const env = { DATABASE_URL: database.url }
  await using api = await openEngine('api', env)
  await using worker = await openEngine('worker', env)
  const { rows } = await api.pool.query<{ application_name: string }>(
    'select application_name from pg_stat_activity where datname = current_database() order by 1',
  )
  expect(rows.map((row) => row.application_name.replace(/@.*/, ''))).toEqual([
    'app:api',
    'app:worker',
  ])
  expect(worker.stats()).toMatchObject({ size: 5, overflow: 10 })
  expect(api.stats()).toMatchObject({ size: 20, overflow: 40 })
})

test('the profiles say what the design asks of them', () => {
  expect(profiles.api).toMatchObject({
    size: 20,
    overflow: 40,
    statementTimeoutMs: 5_000,
    maxLifetimeMs: 3_600_000,
  })
  expect(profiles.worker).toMatchObject({
    size: 5,
    overflow: 10,
    statementTimeoutMs: 60_000,
    maxLifetimeMs: 7_200_000,
  })
})

test('queries for each row are watched for in development and in tests, not in production', async () => {
  await using database = await createTestDatabase(inject('databaseUrl'))
  const watches = async (NODE_ENV?: string) => {
    await using engine = await openEngine('migrations', { DATABASE_URL: database.url, NODE_ENV })
    return engine.watch !== undefined
  }
  expect([await watches(), await watches('test'), await watches('production')]).toEqual([
    true,
    true,
    false,
  ])
})
