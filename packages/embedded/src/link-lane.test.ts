import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { LinkLane } from './link-lane.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

function setup(shape: { delayMs?: number; bytesPerSecond?: number } = {}) {
  const from = new PassThrough()
  const to = new PassThrough({ highWaterMark: 1024 * 1024 })
  const all = { delayMs: 0, bytesPerSecond: Number.POSITIVE_INFINITY, ...shape }
  const lane = new LinkLane(from, to, all, () => undefined)
  from.on('data', (chunk: Buffer) => lane.bytes(chunk))
  return { from, to, lane, shape: all, arrived: () => String(to.read() ?? '') }
}

test('a delay lets many chunks be on their way at the same time', () => {
  const t = setup({ delayMs: 1000 })
  for (const text of ['a', 'b', 'c']) {
    t.lane.bytes(Buffer.from(text))
    vi.advanceTimersByTime(10)
  }

  vi.advanceTimersByTime(969)
  expect(t.arrived()).toBe('')
  vi.advanceTimersByTime(1)
  expect(t.arrived()).toBe('a')
  vi.advanceTimersByTime(20)
  expect(t.arrived()).toBe('bc')
})

test('a delay that becomes shorter keeps the order', () => {
  const t = setup({ delayMs: 1000 })
  t.lane.bytes(Buffer.from('slow '))
  t.shape.delayMs = 0
  t.lane.bytes(Buffer.from('fast'))

  t.lane.pump()

  expect(t.arrived()).toBe('slow fast')
})

test('a limited rate carries its bytes each second', () => {
  const t = setup({ bytesPerSecond: 1000 })
  t.lane.bytes(Buffer.alloc(3000, 'x'))

  vi.advanceTimersByTime(999)
  expect(t.arrived()).toHaveLength(1000)
  vi.advanceTimersByTime(2000)
  expect(t.arrived()).toHaveLength(2000)
})

test('an effect waits for the bytes before it and holds up those behind', async () => {
  const t = setup({ delayMs: 1000 })
  const held = Promise.withResolvers<void>()
  const seen: string[] = []
  t.lane.bytes(Buffer.from('before'))
  t.lane.effect(() => {
    seen.push(t.arrived())
    return held.promise
  })
  t.lane.bytes(Buffer.from('behind'))

  await vi.advanceTimersByTimeAsync(1000)
  expect(seen).toEqual(['before'])
  expect(t.arrived()).toBe('')
  held.resolve()
  await vi.advanceTimersByTimeAsync(0)
  expect(t.arrived()).toBe('behind')
})

test('an effect waits until the receiver has taken the bytes before it', async () => {
  const t = setup()
  const taken = vi.fn(() => undefined)
  t.lane.bytes(Buffer.from('x'))
  t.lane.effect(taken)
  expect(taken).not.toHaveBeenCalled()

  await new Promise((resolve) => setImmediate(resolve))

  expect(taken).toHaveBeenCalledOnce()
})

test('a receiver without room stops the sender, and goes on with it', async () => {
  const t = setup()
  for (let count = 0; count < 4; count++) t.lane.bytes(Buffer.alloc(1024 * 1024))
  expect(t.from.isPaused()).toBe(true)

  const drained = once(t.to, 'drain')
  t.to.resume()
  await drained
  expect(t.from.isPaused()).toBe(false)
})

test('a line that is full of delayed bytes stops the sender until they have left', async () => {
  const t = setup({ delayMs: 1000 })
  t.to.resume()

  for (let count = 0; count < 17; count++) t.lane.bytes(Buffer.alloc(1024 * 1024))
  expect(t.from.isPaused()).toBe(true)

  await vi.advanceTimersByTimeAsync(2000)
  expect(t.from.isPaused()).toBe(false)
})

test('what was dropped does not come, and what comes after a reopening does', () => {
  const t = setup({ delayMs: 1000 })
  t.lane.bytes(Buffer.from('lost'))
  expect(t.lane.drop()).toBe(true)
  t.lane.bytes(Buffer.from('lost too'))

  t.lane.reopen()
  t.lane.bytes(Buffer.from('found'))
  vi.advanceTimersByTime(1000)

  expect(t.arrived()).toBe('found')
})
