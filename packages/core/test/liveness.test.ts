import type { Recording } from '@aquifer/embedded'
import { expect, test } from 'vitest'
import { setupBehindProxy } from './setup.ts'

const pong = { direction: 'toClient', message: 'EmptyQueryResponse' } as const

const pings = ({ messages }: Recording) =>
  messages.filter(({ message }) => message === pong.message).length

test('a connection that was asked for a caller who gave up is asked again for the next one', async () => {
  await using t = await setupBehindProxy({ size: 1, overflow: 0, prePing: 'always' })
  ;(await t.engine.acquire()).release()
  const recording = t.proxy.record()
  const answer = t.proxy.when(pong, 'hold')
  const stop = new AbortController()
  const gaveUp = expect(t.engine.acquire({ signal: stop.signal })).rejects.toMatchObject({
    code: 'CANCELLED',
  })
  await answer.fired
  stop.abort()
  await gaveUp
  answer.release()
  await expect.poll(() => t.engine.stats().idle).toBe(1)
  for (const asked of [2, 3]) {
    await using _lease = await t.engine.acquire()
    expect(pings(recording)).toBe(asked)
  }
})

test('while the pool asks one idle connection whether it lives, another one is lent', async () => {
  // What was silent for keepAliveMs is asked at the next look, and there is one in half of leakAfterMs.
  const profile = { size: 2, overflow: 0, keepAliveMs: 20, leakAfterMs: 40 }
  await using t = await setupBehindProxy(profile)
  const leases = await Promise.all([t.engine.acquire(), t.engine.acquire()])
  for (const lease of leases) lease.release()
  const answer = t.proxy.when(pong, 'hold')
  await answer.fired
  await using _lease = await t.engine.acquire()
  expect(t.engine.stats()).toMatchObject({ inUse: 1, total: 2, opened: 2, closed: 0 })
  answer.release()
})
