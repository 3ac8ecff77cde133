import { once } from 'node:events'
import { connect } from 'node:net'
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { listen } from './server.ts'
import { StartError } from './start-error.ts'

test('a taken port is explained with the way out', async () => {
  const first = await listen(new Hono(), 0)

  const second = listen(new Hono(), first.port)

  await expect(second).rejects.toThrow(StartError)
  await expect(second).rejects.toThrow(`port ${first.port} is taken by another program`)
  await first.stop(0)
})

test('a running request finishes while the server stops, a new one is not taken', async () => {
  const arrived = Promise.withResolvers<void>()
  const finish = Promise.withResolvers<void>()
  const app = new Hono().get('/', async (c) => {
    arrived.resolve()
    await finish.promise
    return c.text('done', 200, { connection: 'close' })
  })
  const server = await listen(app, 0)
  const running = fetch(`http://localhost:${server.port}/`)
  await arrived.promise

  const stopped = server.stop(60_000)
  const late = connect(server.port, 'localhost')
  const [refused] = await once(late, 'error')
  finish.resolve()

  expect(await (await running).text()).toBe('done')
  expect(refused).toMatchObject({ code: 'ECONNREFUSED' })
  await stopped
})

test('a request that outlasts the limit is cut', async () => {
  const arrived = Promise.withResolvers<void>()
  const app = new Hono().get('/', () => {
    arrived.resolve()
    return new Promise<Response>(() => {})
  })
  const server = await listen(app, 0)
  const running = fetch(`http://localhost:${server.port}/`)
  await arrived.promise

  await Promise.all([server.stop(1), expect(running).rejects.toThrow('fetch failed')])
})
