import { Hono } from 'hono'
import { expect, test } from 'vitest'
import type { AppEnv } from '../app-env.ts'
import { requestDeadline } from './deadline.ts'
import { answerError } from './problem.ts'

test('a request that is not done in time is answered for, and learns that it was refused', async () => {
  const finish = Promise.withResolvers<void>()
  const seen = Promise.withResolvers<number>()
  const app = new Hono<AppEnv>()
  app.onError(answerError)
  app.use(requestDeadline({ workMs: 5, answerMs: 10 }))
  app.use(async (c, next) => {
    await next()
    seen.resolve(c.res.status)
  })
  app.get('/', async (c) => {
    await finish.promise
    return c.text('too late')
  })

  const response = await app.request('/')
  finish.resolve()

  expect(response.status).toBe(504)
  expect(await response.json()).toMatchObject({ code: 'REQUEST_TIMED_OUT' })
  expect(await seen.promise).toBe(504)
})

test('the work of a request is bounded from its arrival on', async () => {
  const app = new Hono<AppEnv>()
  app.use(requestDeadline({ workMs: 60_000, answerMs: 60_000 }))
  app.get('/', (c) => c.json(c.var.deadline.remainingMs))

  const remainingMs = await (await app.request('/')).json()

  expect(remainingMs).toBeGreaterThan(0)
  expect(remainingMs).toBeLessThanOrEqual(60_000)
})
