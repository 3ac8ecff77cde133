import { describe, expect, test } from 'vitest'
import { backends } from './backends.ts'
import type { Product } from './product.ts'
import { mailedTo, register, type Visitor, welcomed } from './visitor.ts'

/**
 * Registers until `count` were acknowledged, a few at a time; what is refused or cut off does not
 * count. Calls `atHalf` in the midst of it.
 */
async function registerMany(
  product: Product,
  count: number,
  atHalf: () => Promise<void>,
): Promise<Visitor[]> {
  const visitors: Visitor[] = []
  let half: Promise<void> | undefined
  const oneAfterTheOther = async () => {
    while (visitors.length < count) {
      const visitor = await register(product).catch(() => undefined)
      if (visitor) visitors.push(visitor)
      if (visitors.length >= count / 2) half ??= atHalf()
    }
  }
  await Promise.all([1, 2, 3].map(oneAfterTheOther))
  await half
  return visitors
}

describe.each(await backends())('$title', ({ missing, open }) => {
  test.skipIf(missing).each(['api', 'worker'] as const)(
    'every acknowledged registration is welcomed once when the %s is killed',
    async (victim) => {
      await using t = await open()
      const { product } = t

      const visitors = await registerMany(product, 24, async () => {
        const { [victim]: pid } = await product.processes()
        process.kill(pid as number, 'SIGKILL')
      })
      for (const visitor of visitors) await welcomed(product, visitor)

      const mailed = await mailedTo(product.dataDir)
      expect(new Set(mailed).size).toBe(mailed.length)
      expect(mailed).toEqual(expect.arrayContaining(visitors.map(({ email }) => email)))
      expect(product.output()).toContain(`${victim} ended (signal SIGKILL); starting it again`)
    },
    180_000,
  )
})
