import { expect, test } from 'vitest'
import { type SeedEvent, type SeedStep, seed, upgrade } from '../src/index.ts'
import { revision, setup } from './setup.ts'

const roles: SeedStep = {
  name: 'roles',
  run: async (engine, report) => {
    const { rowCount } = await engine.session((session) =>
      session.query(`insert into roles values ('admin') on conflict do nothing`),
    )
    report(`${rowCount} rows`)
  },
}
const broken: SeedStep = { name: 'broken', run: () => Promise.reject(new Error('bad luck')) }

test('seeds fill a database that has every revision, by name or all in order', async () => {
  await using t = await setup()
  await expect(seed(t.engine, [revision('aa')], [roles])).rejects.toMatchObject({
    code: 'SEED_PENDING',
    revisions: ['aa'],
  })
  await upgrade(t.engine, [revision('aa')])
  await t.witness('create table roles (name text primary key)')
  const events: SeedEvent[] = []
  const onEvent = (event: SeedEvent) => events.push(event)
  const first = await seed(t.engine, [revision('aa')], [roles, broken], {
    names: ['roles'],
    onEvent,
  })
  expect(first).toMatchObject([{ name: 'roles', lines: ['1 rows'] }])
  expect(events).toEqual([{ event: 'seed', name: 'roles', line: '1 rows' }])
  await expect(seed(t.engine, [revision('aa')], [roles, broken])).rejects.toMatchObject({
    code: 'SEED_FAILED',
    message: 'the seed broken failed: bad luck',
  })
  await expect(seed(t.engine, [], [roles], { names: ['x'] })).rejects.toMatchObject({
    code: 'SEED_UNKNOWN',
    message: expect.stringContaining('known: roles'),
  })
})
