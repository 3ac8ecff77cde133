import { idempotencySchema } from '@aquifer/core'
import { expect, test } from 'vitest'
import { openSandbox } from '../src/index.ts'
import { ids, insert, setup } from './world.ts'

test('a unit with a key is applied once in a sandbox, and its key is gone with it', async () => {
  await using t = await setup()
  await idempotencySchema().upgrade(t.engine, () => {})
  const add = (engine: typeof t.engine, id: number) =>
    engine.once('order', async ({ db }) => {
      await insert(db, id)
      return id
    })
  {
    await using sandbox = await openSandbox(t.engine)
    const failed = sandbox.engine.once('order', async ({ db }) => {
      await insert(db, 1)
      throw new Error('undo')
    })
    await expect(failed).rejects.toThrow('undo')
    expect(await add(sandbox.engine, 2)).toBe(2)
    expect(await add(sandbox.engine, 3)).toBe(2)
    expect(await ids(sandbox.engine)).toEqual([2])
  }
  expect(await add(t.engine, 4)).toBe(4)
  expect(await ids(t.engine)).toEqual([4])
})
