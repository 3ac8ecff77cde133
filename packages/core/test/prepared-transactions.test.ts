import { temporaryServer } from '@aquifer/embedded'
import { expect, test } from 'vitest'
import { ids, setup } from './setup.ts'

test('a prepared transaction is ended in an autocommit session, and refused by the server in a transaction', async () => {
  await using server = await temporaryServer({ settings: { max_prepared_transactions: '2' } })
  await using t = await setup({ size: 1, overflow: 0 }, { serverUrl: server.url })
  for (const [id, name] of [
    [1, 'kept'],
    [2, 'undone'],
  ] as const) {
    await t.witness('begin')
    await t.witness("insert into notes values ($1, 'note')", [id])
    await t.witness(`prepare transaction '${name}'`)
  }
  const inside = t.engine.session((session) => session.query("commit prepared 'kept'"))
  await expect(inside).rejects.toMatchObject({ sqlState: '25001' })
  await t.engine.session(
    async (session) => {
      await session.query("commit prepared 'kept'")
      await session.query("rollback prepared 'undone'")
    },
    { mode: 'autocommit' },
  )
  expect(await ids(t)).toEqual([1])
  expect(await t.witness('select gid from pg_prepared_xacts')).toEqual([])
})
