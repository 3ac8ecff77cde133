import { expect, test } from 'vitest'
import { median, race } from './race.ts'

test('the median of an odd number is the middle one, of an even number the mean of two', () => {
  expect(median([9, 1, 5])).toBe(5)
  expect(median([1, 2, 4, 100])).toBe(3)
})

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
