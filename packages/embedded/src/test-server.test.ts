import { afterEach, expect, inject, test, vi } from 'vitest'
import { testServer } from './test-server.ts'

afterEach(() => void vi.unstubAllEnvs())

test('a given server is used and still runs after stop', async () => {
  vi.stubEnv('TEST_DATABASE_URL', inject('databaseUrl'))
  const server = await testServer()
  expect(server.url).toBe(inject('databaseUrl'))

  await server.stop()

  const url = await server.createDatabase()
  await server.dropDatabase(new URL(url).pathname.slice(1))
})
