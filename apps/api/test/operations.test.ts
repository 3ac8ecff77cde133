import { expect, test } from 'vitest'
import { bodyOf, registered, setup } from './setup.ts'

test('a fresh process is live and ready', async () => {
  await using t = await setup()

  expect(await bodyOf(await t.get('/health/live'))).toEqual({ status: 'live' })
  expect(await bodyOf(await t.get('/health/ready'))).toMatchObject({
    status: 'ready',
    database: { serverVersion: expect.stringMatching(/^\d+\.\d+/) },
    pool: { limit: 60, waiting: 0 },
  })
})

test('readiness ends when the database goes away; liveness does not', async () => {
  await using t = await setup()
  await t.get('/health/ready')
  await t.database[Symbol.asyncDispose]()

  const ready = await t.get('/health/ready')

  expect(ready.status).toBe(503)
  expect(await bodyOf(ready)).toMatchObject({ code: 'DATABASE_DOWN' })
  expect((await t.get('/health/live')).status).toBe(200)
})

test('readiness ends when the process begins to stop, and answers close their connections', async () => {
  await using t = await setup()
  t.shutdown.abort()

  const ready = await t.get('/health/ready')

  expect(ready.status).toBe(503)
  expect(await bodyOf(ready)).toMatchObject({ code: 'DRAINING' })
  expect(ready.headers.get('connection')).toBe('close')
  expect((await t.get('/posts')).headers.get('connection')).toBe('close')
})

test('the metrics count requests by route template, and show the pool', async () => {
  await using t = await setup()
  const { id } = await registered(t, 'ada')
  await t.get(`/users/${id}`)
  await t.get('/users/none')
  await t.get('/scanned/for.php')

  const response = await t.get('/metrics')
  const text = await response.text()

  expect(response.headers.get('content-type')).toMatch(/^text\/plain/)
  const counted = (method: string, route: string, status: number) =>
    `http_request_duration_seconds_count{method="${method}",route="${route}",status="${status}"} 1`
  expect(text).toContain(counted('GET', '/users/:id', 200))
  expect(text).toContain(counted('GET', '/users/:id', 422))
  expect(text).toContain(counted('GET', 'none', 404))
  expect(text).not.toContain(id)
  expect(text).toMatch(/^aquifer_pool_connections\{state="idle"\} 1$/m)
  expect(text).toMatch(/^aquifer_pool_connections_limit 60$/m)
  expect(text).toMatch(/^aquifer_pool_wait_seconds_count [1-9]/m)
  expect(text).toContain('process_cpu_seconds_total')
})
