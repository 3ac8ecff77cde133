import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { note, type ProxiedWorld, setup, setupBehindProxy, type World } from '../setup.ts'
import { trial } from './trial.ts'

const single = { size: 1, overflow: 0 } as const
const ROWS = 5_000

type Rows = AsyncIterable<{ id: number }>

/** Where a stream may run. */
const places = {
  'outside of a session': (t: World, read: (rows: Rows) => Promise<void>) => read(stream(t)),
  'in a session': (t: World, read: (rows: Rows) => Promise<void>) =>
    t.engine.session(() => read(stream(t))),
  'in an autocommit session': (t: World, read: (rows: Rows) => Promise<void>) =>
    t.engine.session(() => read(stream(t)), { mode: 'autocommit' }),
} as const

const everywhere = Object.keys(places) as (keyof typeof places)[]

const stream = (t: World): Rows =>
  t.engine.db.selectFrom('notes').select('id').orderBy('id').stream(100)

const fill = (t: World, rows: number) =>
  t.witness("insert into notes select n, 'note' from generate_series(1, $1::int) n", [rows])

/** Whether the pool is whole and its one connection serves the next caller. */
async function isWhole(t: World): Promise<boolean> {
  const { rows } = await sql<{ one: number }>`select 1 as one`.execute(t.engine.db)
  return rows[0]?.one === 1 && t.engine.stats().inUse === 0
}

test.each(everywhere)(
  'a stream %s whose backend is killed rejects, and its slot is free (B1)',
  async (where) => {
    await using t = await setup(single)
    await fill(t, ROWS)
    await trial(`B1 ${where}`, async (b1) => {
      for (const _ of b1.times(2, 100)) {
        const killAt = b1.between(1, ROWS / 2)
        const reading = places[where](t, async (rows) => {
          for await (const { id } of rows) if (id === killAt) await kill(t)
        })
        await b1.outcome(reading, expect.objectContaining({ kind: 'connection' }))
        await b1.outcome(isWhole(t), true)
      }
    })
  },
)

test.each(everywhere)(
  'a stream %s that is cut rejects and never ends early (B1)',
  async (where) => {
    await using t = await setupBehindProxy(single)
    await fill(t, ROWS)
    await trial(`B1 cut ${where}`, async (b1) => {
      for (const _ of b1.times(2, 100)) {
        const nth = b1.between(1, ROWS)
        const row = { direction: 'toClient', message: 'DataRow', nth } as const
        t.proxy.when(row, b1.random() < 0.5 ? 'cut before' : 'cut within')
        const reading = places[where](t, async (rows) => {
          for await (const _row of rows);
        })
        await b1.outcome(reading, expect.objectContaining({ kind: 'connection' }))
        await b1.outcome(isWhole(t), true)
      }
    })
  },
)

test.each(everywhere)(
  'a stream %s that is left, or whose reader throws, frees its slot (B2)',
  async (where) => {
    await using t = await setup(single)
    await fill(t, ROWS)
    await trial(`B2 ${where}`, async (b2) => {
      for (const n of b2.times(4, 200)) {
        const leaveAt = b2.between(1, 500)
        const reading = places[where](t, async (rows) => {
          for await (const { id } of rows) {
            if (id < leaveAt) continue
            if (n % 2 === 0) throw new Error('the reader failed')
            break
          }
        })
        await b2.outcome(reading, n % 2 === 0 ? new Error('the reader failed') : undefined)
        await b2.outcome(isWhole(t), true)
      }
      await b2.outcome(t.witness('select count(*)::int as open from pg_cursors'), [{ open: 0 }])
      if (t.engine.stats().closed > 0) b2.violation('a connection was lost')
    })
  },
)

test('a slow reader holds the server back (B2)', async () => {
  await using t = await setupBehindProxy(single)
  await fill(t, ROWS)
  await trial('B2 slow', async (b2) => {
    for (const _ of b2.times(1, 5)) {
      using recording = t.proxy.record()
      for await (const { id } of stream(t)) {
        if (id !== 1) break
        const rows = recording.messages.filter(({ message }) => message === 'DataRow')
        const sent = rows.reduce((sum, { count }) => sum + count, 0)
        if (sent < 100) b2.violation(`${sent} rows were seen of the first piece`)
        // The piece in hand, and one that is fetched ahead.
        if (sent > 200) b2.violation(`${sent} rows were sent to a reader of one`)
      }
    }
  })
})

test('a second statement beside a stream of a session is refused by name (B3)', async () => {
  await using t = await setup(single)
  await fill(t, ROWS)
  await trial('B3', async (b3) => {
    for (const _ of b3.times(2, 50)) {
      const unit = t.engine.session(async ({ db }) => {
        for await (const { id } of stream(t)) {
          if (id > 1) break
          await b3.outcome(
            db.insertInto('notes').values(note(-1)).execute(),
            expect.objectContaining({ code: 'STREAM_OPEN' }),
          )
        }
        return db.selectFrom('notes').select('id').where('id', '<', 0).execute()
      })
      await b3.outcome(unit, [])
    }
  })
})

test('a long stream needs little memory (B4)', async () => {
  await using t = await setup(single)
  await trial('B4', async (b4) => {
    const rows = b4.long ? 1_000_000 : 50_000
    await fill(t, rows)
    for (const _ of b4.times(1, 1)) {
      const before = process.memoryUsage().rss
      let peak = before
      let count = 0
      for await (const _row of t.engine.db.selectFrom('notes').selectAll().stream(1_000)) {
        count += 1
        if (count % 10_000 === 0) peak = Math.max(peak, process.memoryUsage().rss)
      }
      if (count !== rows) b4.violation(`${count} of ${rows} rows`)
      const grownMb = Math.round((peak - before) / 2 ** 20)
      b4.number('grownMb', grownMb)
      if (b4.long && grownMb > 64) b4.violation(`it grew by ${grownMb} MB`)
    }
  })
})

/** Ends the engine's backend, and waits until the server has none. */
async function kill(t: World | ProxiedWorld): Promise<void> {
  const ours =
    "from pg_stat_activity where application_name like 'test:%' and datname = current_database()"
  await t.witness(`select pg_terminate_backend(pid) ${ours}`)
  await expect.poll(() => t.witness(`select pid ${ours}`), { interval: 2 }).toEqual([])
}

test('a statement beside a stream of db.connection() is refused, through whichever it is sent (B3)', async () => {
  await using t = await setup(single)
  await fill(t, 10)
  const remove = (db: typeof t.engine.db) => db.deleteFrom('notes').where('id', '=', 1).execute()
  await t.engine.db.connection().execute(async (connection) => {
    for (const db of [connection, t.engine.db]) {
      const reading = async () => {
        for await (const _row of db.selectFrom('notes').select('id').stream(2)) await remove(db)
      }
      await expect(reading()).rejects.toMatchObject({ code: 'STREAM_OPEN' })
    }
    await remove(connection)
  })
  expect(await t.witness('select id from notes')).toHaveLength(9)
})

test("a statement in the loop of a stream of Kysely's own transaction does not wait for ever", async () => {
  await using t = await setup(single)
  await fill(t, 10)
  await t.engine.db.transaction().execute(async (trx) => {
    for await (const { id } of trx.selectFrom('notes').select('id').stream(2))
      await trx.deleteFrom('notes').where('id', '=', id).execute()
  })
  expect(await t.witness('select id from notes')).toEqual([])
})
