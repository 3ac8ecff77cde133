import { expect, test } from 'vitest'
import { branches, current, history, pending, preview, show, stamp, upgrade } from '../src/index.ts'
import { chain, revision, setup } from './setup.ts'

const ids = (each: readonly { readonly id: string }[]) => each.map(({ id }) => id)
const three = () => chain(revision('aa'), revision('bb'), revision('cc'))
/** aa, then bb and, as the branch billing, dd - ee beside each other */
const fork = () => [
  revision('aa'),
  revision('bb', { parents: ['aa'] }),
  revision('dd', { parents: ['aa'], label: 'billing' }),
  revision('ee', { parents: ['dd'] }),
]

test('stamp says where the database stands and runs nothing', async () => {
  await using t = await setup()
  expect(await stamp(t.engine, three(), { to: 'bb' })).toEqual({
    added: ['aa', 'bb'],
    removed: [],
    heads: ['bb'],
  })
  expect(await t.tables()).toEqual([])
  expect(ids((await current(t.engine)).heads)).toEqual(['bb'])
  expect(await stamp(t.engine, three(), { to: 'head' })).toMatchObject({ added: ['cc'] })
  expect(await stamp(t.engine, three(), { to: 'aa' })).toEqual({
    added: [],
    removed: ['bb', 'cc'],
    heads: ['aa'],
  })
  expect(await stamp(t.engine, three(), { to: 'base' })).toMatchObject({
    removed: ['aa'],
    heads: [],
  })
})

test('stamp of one branch leaves the other as it is', async () => {
  await using t = await setup()
  await upgrade(t.engine, fork(), { to: 'heads' })
  expect(await stamp(t.engine, fork(), { to: 'dd' })).toEqual({
    added: [],
    removed: ['ee'],
    heads: ['bb', 'dd'],
  })
})

test('with purge it forgets what no file is here for', async () => {
  await using t = await setup()
  await upgrade(t.engine, three())
  const without = chain(revision('aa'), revision('bb'))
  await expect(upgrade(t.engine, without)).rejects.toMatchObject({
    code: 'REVISION_MISSING',
    message: expect.stringContaining('aquifer stamp <id> --purge'),
  })
  await stamp(t.engine, without, { to: 'bb', purge: true })
  expect((await upgrade(t.engine, without)).revisions).toEqual([])
})

test('pending lists what upgrade would apply', async () => {
  await using t = await setup()
  expect(ids(await pending(t.engine, fork()))).toEqual(['aa', 'bb', 'dd', 'ee'])
  await upgrade(t.engine, fork(), { to: 'billing' })
  expect(ids(await pending(t.engine, fork()))).toEqual(['bb'])
})

test('preview tells the statements of both ways and changes nothing', async () => {
  await using t = await setup()
  await upgrade(t.engine, three(), { to: 'aa' })
  expect(await preview(t.engine, three(), { direction: 'up', to: '+1' })).toEqual([
    {
      id: 'bb',
      name: '20260101000000_bb_test',
      phase: 'expand',
      transaction: true,
      statements: ['create table "bb" ()'],
    },
  ])
  expect(await preview(t.engine, three(), { direction: 'down', to: '-1' })).toMatchObject([
    { id: 'aa', statements: ['drop table "aa"'] },
  ])
  expect(await t.tables()).toEqual(['aa'])
})

test('preview stops where a revision goes by what it reads', async () => {
  await using t = await setup()
  const reads = revision('aa', {
    up: async (db) => {
      const { rows } = await db.executeQuery<{ n: number }>({
        sql: 'select count(*) as n from things',
        parameters: [],
      } as never)
      if (rows[0] === undefined) throw new Error('no row')
    },
  })
  await expect(preview(t.engine, [reads], { direction: 'up', to: 'head' })).rejects.toMatchObject({
    code: 'REVISION_OFFLINE',
    revisions: ['aa'],
  })
})

test('history takes a range, and tells labels and phases', async () => {
  await using t = await setup()
  const all = await history(t.engine, fork(), { range: 'aa:billing' })
  expect(ids(all)).toEqual(['ee', 'dd', 'aa'])
  expect(all[1]).toMatchObject({ label: 'billing', phase: 'expand', head: false })
  expect(ids(await history(t.engine, fork(), { range: 'dd:' }))).toEqual(['ee', 'dd', 'bb'])
  expect(ids(await history(t.engine, fork(), { range: ':bb' }))).toEqual(['bb', 'aa'])
  await expect(history(t.engine, fork(), { range: 'a:b:c' })).rejects.toMatchObject({
    code: 'RANGE_INVALID',
  })
})

test('branches and show go by the files alone', () => {
  expect(branches(fork())).toMatchObject([
    { id: 'aa', children: [{ id: 'bb' }, { id: 'dd' }] },
    { id: 'dd', label: 'billing', children: [{ id: 'ee' }] },
  ])
  expect(show(fork(), 'billing-1')).toMatchObject({
    id: 'dd',
    parents: ['aa'],
    children: ['ee'],
    head: false,
  })
  expect(show(fork(), 'billing-1')).not.toHaveProperty('up')
})
