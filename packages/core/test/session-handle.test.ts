import { expect, test } from 'vitest'
import { ids, note, setup } from './setup.ts'

const single = { size: 1, overflow: 0 } as const

test('a handle commits when its holder says so, and runs its hooks', async () => {
  await using t = await setup(single)
  const ran: string[] = []
  await using unit = t.engine.openSession()
  unit.session.beforeCommit(() => void ran.push('before'))
  unit.session.afterCommit(() => void ran.push('after'))
  await unit.db.insertInto('notes').values(note(1)).execute()
  expect(await ids(t)).toEqual([])
  await unit.commit()
  expect(await ids(t)).toEqual([1])
  expect(ran).toEqual(['before', 'after'])
  await expect(unit.commit()).rejects.toMatchObject({ code: 'SESSION_CLOSED' })
})

test('a handle that is left without a commit is rolled back, and its connection is free', async () => {
  await using t = await setup(single)
  const ran: string[] = []
  {
    await using unit = t.engine.openSession()
    unit.session.afterRollback(() => void ran.push('undone'))
    await unit.query("insert into notes values (1, 'one')")
    await unit.session.savepoint(({ db }) => db.insertInto('notes').values(note(2)).execute())
  }
  expect(ran).toEqual(['undone'])
  expect(await ids(t)).toEqual([])
  expect(t.engine.stats()).toMatchObject({ inUse: 0, closed: 0 })
})

test('engine.db takes part in a handle inside of run, and nowhere else', async () => {
  await using t = await setup({ size: 2, overflow: 0 })
  await using unit = t.engine.openSession()
  await unit.run(() => t.engine.db.insertInto('notes').values(note(1)).execute())
  await t.engine.db.insertInto('notes').values(note(2)).execute()
  await unit.rollback()
  expect(await ids(t)).toEqual([2])
})

test('a handle whose COMMIT fails has ended', async () => {
  await using t = await setup(single)
  await using unit = t.engine.openSession()
  await unit.query('select 1 / 0').catch(() => {})
  await expect(unit.commit()).rejects.toMatchObject({ code: 'COMMIT_ROLLED_BACK' })
  await expect(unit.query('select 1')).rejects.toMatchObject({ code: 'SESSION_CLOSED' })
  expect(t.engine.stats().inUse).toBe(0)
})

test('a handle inside of a session needs a unit of its own', async () => {
  await using t = await setup({ size: 2, overflow: 0 })
  await t.engine.session(async ({ db }) => {
    await db.insertInto('notes').values(note(1)).execute()
    expect(() => t.engine.openSession()).toThrow(expect.objectContaining({ code: 'SESSION_OPEN' }))
    await using unit = t.engine.openSession({ propagation: 'new' })
    await unit.db.insertInto('notes').values(note(2)).execute()
    await unit.commit()
  })
  expect(await ids(t)).toEqual([1, 2])
})

test('a handle is not committed while a part of it runs', async () => {
  await using t = await setup(single)
  await using unit = t.engine.openSession()
  const leave = Promise.withResolvers<void>()
  const part = unit.run(async ({ db }) => {
    await db.insertInto('notes').values(note(1)).execute()
    await leave.promise
    await db.insertInto('notes').values(note(2)).execute()
  })
  await expect(unit.commit()).rejects.toMatchObject({ code: 'UNAWAITED_WORK' })
  leave.resolve()
  await expect(part).rejects.toMatchObject({ code: 'SESSION_CLOSED' })
  expect(await ids(t)).toEqual([])
})
