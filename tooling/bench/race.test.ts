import { expect, test } from 'vitest'
import { race } from './race.ts'

test('contenders take turns in another order each round, after a reset', async () => {
  const events: string[] = []
  const contender = (name: string) => ({
    name,
    run: async () => {
      if (events.at(-1) !== name) events.push(name)
      await new Promise(setImmediate)
    },
  })
  const standings = await race(
    {
      name: 'read',
      concurrency: [2],
      contenders: [contender('a'), contender('b')],
      reset: async () => {
        events.push('reset')
      },
    },
    2,
    { rounds: 2, turnMs: 5 },
  )
  const order = events.filter((event) => event !== 'reset').join('')
  expect(order).toBe('abbaab')
  expect(events.filter((event) => event === 'reset')).toHaveLength(6)
  expect(standings.map(({ contender: name }) => name)).toEqual(['a', 'b'])
  expect(standings[0]).toMatchObject({ ratio: 1, cpuRatio: 1 })
})

test('an operation of a batch counts as many times as the batch does it', async () => {
  const run = () => new Promise((resolve) => setTimeout(resolve, 5))
  const measure = (batch: number) =>
    race({ name: 'take', concurrency: [1], batch, contenders: [{ name: 'a', run }] }, 1, {
      rounds: 1,
      turnMs: 50,
    })
  const [[single], [batched]] = [await measure(1), await measure(100)]
  expect((batched?.perSecond ?? 0) / (single?.perSecond ?? 1)).toBeGreaterThan(10)
})
