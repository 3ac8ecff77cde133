import { expect, test } from 'vitest'
import { cpuUsOf, oneByOne } from './step.ts'

const burn = (ms: number) => {
  const { user } = process.cpuUsage()
  while (process.cpuUsage().user - user < ms * 1000);
}

test('what a batch makes before it begins is not counted, what it does is, per step', async () => {
  const preparing = await cpuUsOf(() => {
    burn(40)
    return () => {}
  }, 0)
  const working = await cpuUsOf((count) => () => burn(count / 2), 0)
  expect(preparing).toBeLessThan(200)
  expect(working).toBeGreaterThan(400)
  expect(working).toBeLessThan(5_000)
})

test('a step is measured again until the time is over', async () => {
  const startedAt = performance.now()
  await cpuUsOf(() => () => {}, 20)
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(20)
})

test('operations of a contender follow one another', async () => {
  const seen: string[] = []
  const run = async (index: number) => {
    seen.push(`begin ${index}`)
    await new Promise(setImmediate)
    seen.push(`end ${index}`)
  }
  await oneByOne([{ name: 'pg', run }]).pg?.(2)()
  expect(seen).toEqual(['begin 0', 'end 0', 'begin 1', 'end 1'])
})
