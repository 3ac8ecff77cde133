import { expect, test } from 'vitest'
import { expectQueries, openSandbox } from '../src/index.ts'
import { ids, insert, setup } from './world.ts'

test('as many statements as were expected pass, and the result comes back', async () => {
  await using t = await setup()
  const seen = await expectQueries(t.engine, 2, () =>
    t.engine.session(async (session) => {
      await insert(session.db, 1)
      return ids(session)
    }),
  )
  expect(seen).toEqual([1])
})

test('a sandbox counts the same', async () => {
  await using t = await setup()
  await using sandbox = await openSandbox(t.engine)
  const { engine } = sandbox
  await expectQueries(engine, 2, () =>
    engine.session(async ({ db }) => {
      await insert(db, 1)
      await insert(db, 2)
    }),
  )
})

test('others are named, without their parameters', async () => {
  await using t = await setup()
  const wrong = expectQueries(t.engine, 1, async () => {
    await insert(t.engine.db, 7)
    await ids(t.engine)
  })
  await expect(wrong).rejects.toThrow(
    /^1 statements were expected and 2 were sent:\n {2}1\. insert into "notes" .* values \(\$1, \$2\)\n {2}2\. select "id" from "notes"/,
  )
})
