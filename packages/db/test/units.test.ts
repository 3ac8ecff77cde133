import { openSandbox } from '@aquifer/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeUser } from '../src/factories.ts'
import { findUserById, savepoint, session, transaction } from '../src/index.ts'
import { setup, type World } from './setup.ts'

let t: World
beforeAll(async () => {
  t = await setup()
})
afterAll(() => t[Symbol.asyncDispose]())

test('what a session or transaction did is there if it returns and gone if it throws', async () => {
  await using sandbox = await openSandbox(t.engine)
  const { engine } = sandbox
  for (const unit of [session, transaction]) {
    const kept = await unit(engine, (db) => makeUser(db))
    expect((await findUserById(engine.db, kept.id))?.id).toBe(kept.id)

    let id = ''
    const failed = unit(engine, async (db) => {
      id = (await makeUser(db)).id
      throw new Error('undo')
    })
    await expect(failed).rejects.toThrow('undo')
    expect(await findUserById(engine.db, id)).toBeUndefined()
  }
})

test('a savepoint that throws undoes its part alone', async () => {
  await using sandbox = await openSandbox(t.engine)
  const { engine } = sandbox
  const users = await session(engine, async (db, outer) => {
    const kept = await makeUser(db)
    let undone = ''
    const inner = savepoint(outer, async (own) => {
      undone = (await makeUser(own)).id
      throw new Error('undo')
    })
    await inner.catch(() => {})
    return { kept: kept.id, undone }
  })
  expect(await findUserById(engine.db, users.kept)).toBeDefined()
  expect(await findUserById(engine.db, users.undone)).toBeUndefined()
})
