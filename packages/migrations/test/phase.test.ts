import { expect, test } from 'vitest'
import { upgrade } from '../src/index.ts'
import { chain, revision, setup, type World } from './setup.ts'

const three = () => chain(revision('aa'), revision('bb', { phase: 'contract' }), revision('cc'))

/** An application of this version that stays connected. */
async function application(t: World, version: string) {
  const lease = await t.deployer('shop', { name: 'api', version }).acquire()
  return {
    leave: () => lease.release('destroy'),
    [Symbol.asyncDispose]: async () => lease.release(),
  }
}

test('contract is refused while an older application is connected, and goes through without it', async () => {
  await using t = await setup()
  const engine = t.deployer('shop', { version: '1.10.0' })
  await using _same = await application(t, '1.10.0')
  await using _newer = await application(t, '1.11.0')
  {
    await using _one = await application(t, '1.9.0')
    await using _two = await application(t, '1.9.0')
    await expect(upgrade(engine, three())).rejects.toMatchObject({
      code: 'REVISION_PHASE',
      kind: 'migration',
      revisions: ['bb'],
      message: expect.stringMatching(
        /of version 1\.10\.0 some are connected: shop:api@1\.9\.0 \(2 connections\)\. .*--allow-older/,
      ),
    })
    // What comes before it is applied: expand may run beside anybody.
    expect(await t.tables()).toEqual(['aa'])
    await upgrade(engine, three(), { phase: 'expand' })
    expect(await t.tables()).toEqual(['aa'])
    _one.leave()
    _two.leave()
  }
  expect((await upgrade(engine, three())).heads).toEqual(['cc'])
})

test('another deployer is no application, whatever its version', async () => {
  await using t = await setup()
  await using _deployer = await t.deployer('shop', { version: '0.1.0' }).acquire()
  await upgrade(t.deployer('shop', { version: '1.0.0' }), three())
  expect(await t.tables()).toEqual(['aa', 'bb', 'cc'])
})

test('who knows better goes on in spite of them', async () => {
  await using t = await setup()
  await using _older = await application(t, '0.1.0')
  await upgrade(t.deployer('shop', { version: '1.0.0' }), three(), { allowOlder: true })
  expect(await t.tables()).toEqual(['aa', 'bb', 'cc'])
})

test('only what takes away, and what builds on that, is left out with the phase expand', async () => {
  await using t = await setup()
  const revisions = [...three(), revision('dd', { parents: ['aa'] })]
  const lines: string[] = []
  const schemas = [{ name: 'queue', upgrade: async () => void lines.push('queue') }]
  const first = await upgrade(t.engine, revisions, { to: 'heads', phase: 'expand', schemas })
  expect(first).toMatchObject({ heads: ['dd'], held: ['bb', 'cc'] })
  expect(lines).toEqual(['queue'])
  expect((await upgrade(t.engine, revisions, { to: 'heads' })).held).toEqual([])
})
