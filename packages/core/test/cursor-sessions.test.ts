import type { Kysely } from 'kysely'
import { expect, test } from 'vitest'
import { ids, note, setup, type TestDatabaseTypes, type World } from './setup.ts'

const single = { size: 1, overflow: 0 } as const
const withCursor = { cursor: true } as const
const COUNT = 20

async function filled(): Promise<World> {
  const t = await setup(single)
  await t.witness(`insert into notes select n, 'note ' || n from generate_series(1, ${COUNT}) n`)
  return t
}

const streamOf = (db: Kysely<TestDatabaseTypes>) =>
  db.selectFrom('notes').select('id').orderBy('id').stream(3)
const all = Array.from({ length: COUNT }, (_, at) => at + 1)

/** Reads on to the end, into `seen`. */
async function restOf(
  stream: AsyncIterable<{ id: number }> | undefined,
  seen: (number | undefined)[] = [],
) {
  if (stream !== undefined) for await (const { id } of stream) seen.push(id)
  return seen
}

/** The portals that the transaction of this session has open, those of the question aside. */
const portals = async (session: { query: (text: string) => Promise<{ rows: unknown[] }> }) =>
  (await session.query("select name from pg_cursors where name <> '' order by name")).rows

test('other statements of a cursor session run while a stream is open', async () => {
  await using t = await filled()
  const seen: number[] = []
  await t.engine.session(async (session) => {
    for await (const { id } of streamOf(session.db)) {
      seen.push(id)
      await session.db
        .insertInto('notes')
        .values(note(1_000 + id))
        .execute()
    }
  }, withCursor)
  expect(seen).toEqual(all)
  expect(await ids(t)).toHaveLength(2 * COUNT)
})

test('without it a statement beside a stream is refused, and the message names the option', async () => {
  await using t = await filled()
  await t.engine.session(async (session) => {
    for await (const _row of streamOf(session.db)) {
      await expect(session.query('select 1')).rejects.toMatchObject({
        code: 'STREAM_OPEN',
        message: expect.stringContaining('cursor: true'),
      })
      break
    }
  })
})

test('two streams of a cursor session are read side by side', async () => {
  await using t = await filled()
  const pairs = await t.engine.session(async ({ db }) => {
    const [first, second] = [streamOf(db), streamOf(db)]
    const found: (readonly [number | undefined, number | undefined])[] = []
    for (let read = 0; read < COUNT; read += 1) {
      const [one, other] = await Promise.all([first.next(), second.next()])
      found.push([one.value?.id, other.value?.id])
    }
    expect([(await first.next()).done, (await second.next()).done]).toEqual([true, true])
    return found
  }, withCursor)
  expect(pairs).toEqual(all.map((id) => [id, id]))
})

test('a stream that is left closes its own portal and no other', async () => {
  await using t = await filled()
  await t.engine.session(async (session) => {
    const kept = streamOf(session.db)
    await kept.next()
    const left = streamOf(session.db)
    await left.next()
    expect(await portals(session)).toHaveLength(2)
    await left.return?.()
    expect(await portals(session)).toHaveLength(1)
    expect(await restOf(kept)).toEqual(all.slice(1))
    expect(await portals(session)).toEqual([])
  }, withCursor)
})

test('the rollback of a savepoint ends the streams that were opened in it, and no others', async () => {
  await using t = await filled()
  await t.engine.session(async (session) => {
    const outer = streamOf(session.db)
    const seen: (number | undefined)[] = [(await outer.next()).value?.id]
    let inner: ReturnType<typeof streamOf> | undefined
    await session
      .savepoint(async ({ db }) => {
        inner = streamOf(db)
        await inner.next()
        throw new Error('undo')
      })
      .catch(() => {})
    const rest: number[] = []
    await expect(restOf(inner, rest)).rejects.toMatchObject({
      code: 'STREAM_ROLLED_BACK',
      kind: 'transaction',
    })
    // These had been handed over; the rows behind them had been read ahead.
    expect(rest).toEqual([2, 3])
    expect(await restOf(outer, seen)).toEqual(all)
    await session.db.insertInto('notes').values(note(1_000)).execute()
  }, withCursor)
  expect(await ids(t)).toContain(1_000)
})

test('a stream outlives the savepoint that it was opened in if that is released', async () => {
  await using t = await filled()
  const rest = await t.engine.session(async (session) => {
    const stream = await session.savepoint(async ({ db }) => {
      const opened = streamOf(db)
      await opened.next()
      return { opened }
    })
    return restOf(stream.opened)
  }, withCursor)
  expect(rest).toEqual(all.slice(1))
})

test('a stream of a savepoint ends with the rollback of the one around it', async () => {
  await using t = await filled()
  await t.engine.session(async (session) => {
    let stream: ReturnType<typeof streamOf> | undefined
    await session
      .savepoint(async (outer) => {
        await outer.savepoint(async ({ db }) => {
          stream = streamOf(db)
          await stream.next()
        })
        throw new Error('undo')
      })
      .catch(() => {})
    await expect(restOf(stream)).rejects.toMatchObject({ code: 'STREAM_ROLLED_BACK' })
  }, withCursor)
})

test('a stream beside an open savepoint begins behind it', async () => {
  await using t = await filled()
  const begun = Promise.withResolvers<void>()
  const go = Promise.withResolvers<void>()
  const seen: number[] = []
  await t.engine.session(async (session) => {
    const undone = session.savepoint(async (inner) => {
      await inner.query('select 1')
      begun.resolve()
      await go.promise
      throw new Error('undo')
    })
    await begun.promise
    const reading = (async () => {
      for await (const { id } of streamOf(session.db)) seen.push(id)
    })()
    go.resolve()
    await expect(undone).rejects.toThrow('undo')
    await reading
  }, withCursor)
  expect(seen).toEqual(all)
})

test('a savepoint made by hand and rolled back ends every stream', async () => {
  await using t = await filled()
  await t.engine.session(async (session) => {
    await session.query('savepoint mine')
    const stream = streamOf(session.db)
    await stream.next()
    await session.query('rollback to mine')
    await expect(restOf(stream)).rejects.toMatchObject({ code: 'STREAM_ROLLED_BACK' })
    await session.query('select 1')
  }, withCursor)
})

test('a stream that is still open when the callback returns is unawaited work', async () => {
  await using t = await filled()
  const unit = t.engine.session(async ({ db }) => {
    await streamOf(db).next()
  }, withCursor)
  await expect(unit).rejects.toMatchObject({ code: 'UNAWAITED_WORK' })
})

test('a session that joins cannot ask for it', async () => {
  await using t = await filled()
  const nothing = async () => {}
  const joining = () => t.engine.session(nothing, withCursor)
  await expect(t.engine.session(joining)).rejects.toMatchObject({ code: 'SESSION_CURSOR' })
  await t.engine.session(joining, withCursor)
})
