import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { testRedis } from './test-redis.ts'

afterEach(() => void vi.unstubAllEnvs())

const probe = await testRedis()
await probe?.stop()

test.skipIf(!probe)(
  'a private Redis answers, keeps nothing, and is gone when it is stopped',
  async () => {
    vi.stubEnv('TEST_REDIS_URL', '')
    const redis = await testRedis()
    const port = Number(new URL(redis?.url ?? '').port)
    expect(await ask(port, 'CONFIG GET save\r\n')).toBe('*2\r\n$4\r\nsave\r\n$0\r\n\r\n')

    await redis?.stop()

    await expect(ask(port, 'PING\r\n')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  },
)

test('a given Redis is used and never stopped', async () => {
  vi.stubEnv('TEST_REDIS_URL', 'redis://elsewhere:6379')

  const redis = await testRedis()
  await redis?.stop()

  expect(redis?.url).toBe('redis://elsewhere:6379')
})

test('without a Redis there is none', async () => {
  vi.stubEnv('TEST_REDIS_URL', '')
  vi.stubEnv('PATH', '/nonexistent')

  expect(await testRedis()).toBeUndefined()
})

async function ask(port: number, command: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write(command)
  const [reply] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  return reply.toString()
}
