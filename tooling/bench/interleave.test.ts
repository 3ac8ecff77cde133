import { expect, test } from 'vitest'
import { interleave } from './interleave.ts'

test('everyone takes a turn per round, in another order each round, and the first round does not count', async () => {
  const order: string[] = []
  const turns = await interleave(['a', 'b', 'c'], 2, async (taker) => order.push(taker))
  expect(order.join('')).toBe('abcbcacab')
  expect(Object.fromEntries(turns)).toEqual({ a: [6, 8], b: [4, 9], c: [5, 7] })
})

test('a turn begins when the one before it has ended', async () => {
  let running = 0
  await interleave(['a', 'b'], 1, async () => {
    running += 1
    await new Promise(setImmediate)
    expect(running).toBe(1)
    running -= 1
  })
})
