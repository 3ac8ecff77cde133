import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { ids, meeting, note, setup, sleeps } from './setup.ts'

test("propagation 'nested' is undone alone", async () => {
  await using t = await setup()
  await t.engine.session(async ({ db }) => {
    await db.insertInto('notes').values(note(1)).execute()
    await t.engine
      .session((inner) => inner.db.insertInto('notes').values(note(1)).execute(), {
        propagation: 'nested',
      })
      .catch(() => {})
  })
  expect(await ids(t)).toEqual([1])
})

test('a savepoint that throws undoes its part alone', async () => {
  await using t = await setup()
  await t.engine.session(async (session) => {
    await session.db.insertInto('notes').values(note(1)).execute()
    await session
      .savepoint(async (inner) => {
        await inner.db.insertInto('notes').values(note(2)).execute()
        await inner.db.insertInto('notes').values(note(1)).execute()
      })
      .catch(() => {})
    await session.db.insertInto('notes').values(note(3)).execute()
  })
  expect(await ids(t)).toEqual([1, 3])
})

test('parallel savepoints wait for each other: the rollback of one leaves its sibling alone', async () => {
  await using t = await setup()
  await t.engine.session(async (session) => {
    await Promise.allSettled([
      session.savepoint(async (inner) => {
        await inner.db.insertInto('notes').values(note(1)).execute()
        throw new Error('undo')
      }),
      session.savepoint((inner) => inner.db.insertInto('notes').values(note(2)).execute()),
    ])
  })
  expect(await ids(t)).toEqual([2])
})

test('a savepoint opened on the outer session inside an open savepoint nests instead of waiting for ever', async () => {
  await using t = await setup()
  await t.engine.session((outer) =>
    outer.savepoint(() =>
      outer.savepoint((inner) => inner.db.insertInto('notes').values(note(1)).execute()),
    ),
  )
  expect(await ids(t)).toEqual([1])
})

test('a savepoint that nobody awaited turns the commit into a rollback', async () => {
  await using t = await setup()
  const unit = t.engine.session(async (session) => {
    const halfway = Promise.withResolvers<void>()
    void session.savepoint(async (inner) => {
      await inner.db.insertInto('notes').values(note(1)).execute()
      halfway.resolve()
      await new Promise(() => {})
    })
    await halfway.promise
  })
  await expect(unit).rejects.toMatchObject({ code: 'UNAWAITED_WORK' })
  expect(await ids(t)).toEqual([])
})

test('a statement beside an open savepoint survives its rollback', async () => {
  await using t = await setup()
  const both = meeting(2)
  await t.engine.session(async (session) => {
    await Promise.allSettled([
      session.savepoint(async () => {
        await both()
        throw new Error('undo')
      }),
      both().then(() => session.db.insertInto('notes').values(note(1)).execute()),
    ])
  })
  expect(await ids(t)).toEqual([1])
})

test('a statement that has waited for one savepoint is not undone with the next', async () => {
  await using t = await setup()
  await t.engine.session(async (session) => {
    const insert = (id: number) => session.db.insertInto('notes').values(note(id)).execute()
    const end = Promise.withResolvers<void>()
    const undone = () => session.savepoint(() => Promise.reject(new Error('undo')))
    const first = session.savepoint(() => end.promise)
    const issued = [first, insert(1), insert(2), undone(), insert(3), undone()]
    end.resolve()
    await Promise.allSettled(issued)
  })
  expect(await ids(t)).toEqual([1, 2, 3])
})

test('a statement of the outer session inside a savepoint waits for those nested in it', async () => {
  await using t = await setup()
  const both = meeting(2)
  await t.engine.session((outer) =>
    outer.savepoint(async () => {
      await Promise.allSettled([
        outer.savepoint(async () => {
          await both()
          throw new Error('undo')
        }),
        both().then(() => outer.db.insertInto('notes').values(note(1)).execute()),
      ])
    }),
  )
  expect(await ids(t)).toEqual([1])
})

test('a savepoint that is given up while it waits frees its caller, and nobody passes the one before it', async () => {
  await using t = await setup()
  const giveUp = new AbortController()
  await t.engine.session(async (session) => {
    const end = Promise.withResolvers<void>()
    const first = session.savepoint(async () => {
      await end.promise
      throw new Error('undo')
    })
    const second = t.engine
      .session(() => session.savepoint(async () => {}), {
        signal: giveUp.signal,
        propagation: 'nested',
      })
      .catch((error: unknown) => error)
    const third = session.savepoint(({ db }) => db.insertInto('notes').values(note(1)).execute())
    giveUp.abort()
    expect(await second).toMatchObject({ code: 'CANCELLED' })
    end.resolve()
    await Promise.allSettled([first, third])
  })
  expect(await ids(t)).toEqual([1])
})

test('a stream beside an open savepoint waits for its end, and one of an ended savepoint is refused', async () => {
  await using t = await setup()
  await t.witness("insert into notes select n, 'n' from generate_series(1, 10) n")
  const both = meeting(2)
  await t.engine.session(async (session) => {
    const read = async (from: typeof session) => {
      const seen: number[] = []
      for await (const { id } of from.db.selectFrom('notes').select('id').stream(2)) seen.push(id)
      return seen
    }
    let ended = session
    const undone = session.savepoint(async (inner) => {
      ended = inner
      await inner.db.deleteFrom('notes').execute()
      await both()
      await inner.db.selectFrom('notes').select('id').execute()
      throw new Error('undo')
    })
    const [, seen] = await Promise.allSettled([undone, both().then(() => read(session))])
    expect(seen).toMatchObject({ status: 'fulfilled', value: { length: 10 } })
    await expect(read(ended)).rejects.toMatchObject({ code: 'SESSION_CLOSED' })
  })
})

test('a savepoint that could not be released leaves nothing to commit', async () => {
  await using t = await setup()
  await t.witness("insert into notes select n, 'n' from generate_series(1, 10) n")
  const unit = t.engine.session(async (session) => {
    const all = session.db.selectFrom('notes').selectAll().stream(2)
    const savepoint = session.savepoint(async ({ db }) => {
      await db.insertInto('notes').values(note(11)).execute()
      await all.next()
    })
    await expect(savepoint).rejects.toMatchObject({ code: 'STREAM_OPEN' })
    await all.return?.()
  })
  await expect(unit).rejects.toMatchObject({ code: 'COMMIT_ROLLED_BACK' })
  expect(await ids(t)).not.toContain(11)
})

test('a joined part that fails inside a rolled-back savepoint dooms nothing else', async () => {
  await using t = await setup()
  await t.engine.session(async (session) => {
    await session.db.insertInto('notes').values(note(1)).execute()
    await session
      .savepoint(() => t.engine.session(() => Promise.reject(new Error('joined'))))
      .catch(() => {})
  })
  expect(await ids(t)).toEqual([1])
})

test('a savepoint that swallowed a failure is undone, and the session lives', async () => {
  await using t = await setup()
  await t.engine.session(async (session) => {
    await session.db.insertInto('notes').values(note(1)).execute()
    const inner = session.savepoint(async ({ db }) => {
      await db.insertInto('notes').values(note(2)).execute()
      await db
        .insertInto('notes')
        .values(note(1))
        .execute()
        .catch(() => {})
    })
    await expect(inner).rejects.toMatchObject({ code: 'TRANSACTION_ABORTED' })
    await session.db.insertInto('notes').values(note(3)).execute()
  })
  expect(await ids(t)).toEqual([1, 3])
})

test('an aborted statement dooms the unit even through a savepoint: its cancel may still be on the way', async () => {
  await using t = await setup()
  const giveUp = new AbortController()
  const unit = t.engine.session(async (session) => {
    await session.db.insertInto('notes').values(note(1)).execute()
    await session
      .savepoint(async ({ db }) => {
        const sleeping = sql`select pg_sleep(60)`.execute(db, { signal: giveUp.signal })
        await sleeps(t)
        giveUp.abort()
        await sleeping
      })
      .catch(() => {})
  })
  await expect(unit).rejects.toMatchObject({ kind: expect.stringMatching(/cancelled|transaction/) })
  expect(await ids(t)).toEqual([])
})
