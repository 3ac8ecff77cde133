import { expect, test } from 'vitest'
import { ids, next, note, setup, setupBehindProxy } from './setup.ts'

test('hooks run at the outermost end, also those of a rolled-back savepoint that wait for that', async () => {
  await using t = await setup()
  const ran: string[] = []
  await t.engine.session(async (session) => {
    session.beforeCommit(() => void ran.push('before'))
    session.afterCommit(() => void ran.push('after'))
    await session.savepoint(async (inner) => {
      inner.afterCommit(() => void ran.push('released'))
    })
    await session
      .savepoint(async (inner) => {
        inner.afterCommit(() => void ran.push('never'))
        inner.afterRollback(() => void ran.push('undone'))
        throw new Error('undo')
      })
      .catch(() => {})
  })
  expect(ran).toEqual(['before', 'undone', 'after', 'released'])
})

test('a buffer is flushed once, in the transaction, without what a rolled-back savepoint gathered', async () => {
  await using t = await setup()
  const key = Symbol('notes')
  let flushes = 0
  await t.engine.session(async (session) => {
    const gather = (target: typeof session, id: number) =>
      target
        .buffer<number>(key, async (all) => {
          flushes += 1
          await session.db.insertInto('notes').values(all.map(note)).execute()
        })
        .push(id)
    gather(session, 1)
    await session.savepoint(async (inner) => void gather(inner, 2))
    await session
      .savepoint(async (inner) => {
        gather(inner, 3)
        throw new Error('undo')
      })
      .catch(() => {})
  })
  expect(flushes).toBe(1)
  expect(await ids(t)).toEqual([1, 2])
})

test('what is gathered while buffers are flushed is flushed too', async () => {
  await using t = await setup()
  const flushed: string[] = []
  await t.engine.session(async (session) => {
    const first = session.buffer<string>(Symbol('first'), async (items) => {
      flushed.push(...items)
    })
    const second = session.buffer<string>(Symbol('second'), async (items) => {
      flushed.push(...items)
      first.push('from second')
    })
    first.push('first')
    second.push('second')
  })
  expect(flushed).toEqual(['first', 'second', 'from second'])
})

test('a beforeCommit hook may veto; a failing afterCommit hook is an event and no failure of the unit', async () => {
  await using t = await setup()
  const veto = t.engine.session(async (session) => {
    await session.db.insertInto('notes').values(note(1)).execute()
    session.beforeCommit(() => Promise.reject(new Error('veto')))
  })
  await expect(veto).rejects.toThrow('veto')

  const reported = next(t.engine, 'hookFailed')
  await t.engine.session(async (session) => {
    await session.db.insertInto('notes').values(note(2)).execute()
    session.afterCommit(() => Promise.reject(new Error('late')))
  })
  expect(await reported).toMatchObject({ error: { message: 'late' } })
  expect(await ids(t)).toEqual([2])
})

test('a swallowed failure is named although a hook waits for COMMIT', async () => {
  await using t = await setup()
  const ran: string[] = []
  const unit = t.engine.session(async (session) => {
    session.beforeCommit(async () => {
      ran.push('before')
      await session.query('select 1')
    })
    await session.query('select 1 / 0').catch(() => {})
  })
  await expect(unit).rejects.toMatchObject({ code: 'COMMIT_ROLLED_BACK' })
  expect(ran).toEqual([])
})

test('of a unit with an unknown outcome only the hooks of its undone savepoints run', async () => {
  await using t = await setupBehindProxy({ size: 1, overflow: 0 })
  const ran: string[] = []
  const commit = { direction: 'toClient', message: 'CommandComplete', text: /COMMIT/ } as const
  const unit = t.engine.session(async (session) => {
    session.afterCommit(() => void ran.push('committed'))
    session.afterRollback(() => void ran.push('rolled back'))
    const part = session.savepoint(async (inner) => {
      inner.afterRollback(() => void ran.push('savepoint undone'))
      throw new Error('undo')
    })
    await part.catch(() => {})
    await session.query("select pg_notify('tides', 'high')")
    t.proxy.when(commit, 'cut before')
  })
  await expect(unit).rejects.toMatchObject({ code: 'COMMIT_OUTCOME_UNKNOWN' })
  expect(ran).toEqual(['savepoint undone'])
})

test('a part of a beforeCommit hook that failed forbids the commit, also if the hook has swallowed that', async () => {
  await using t = await setup()
  const unit = t.engine.session(async (session) => {
    await session.db.insertInto('notes').values(note(1)).execute()
    const part = async () => {
      await t.engine.db.insertInto('notes').values(note(2)).execute()
      throw new Error('half done')
    }
    session.beforeCommit(() => t.engine.session(part).catch(() => {}))
  })
  await expect(unit).rejects.toMatchObject({
    code: 'COMMIT_ROLLED_BACK',
    cause: { message: 'half done' },
  })
  expect(await ids(t)).toEqual([])
})
