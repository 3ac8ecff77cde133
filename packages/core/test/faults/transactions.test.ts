import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { ids, note, type ProxiedWorld, setup, setupBehindProxy, type World } from '../setup.ts'
import { trial } from './trial.ts'

const insert = (db: World['engine']['db'], id: number) =>
  db.insertInto('notes').values(note(id)).execute()

const settled = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  )

/** Lets `work` start so many milliseconds from now, and never reject. */
const later = (delayMs: number, work: () => Promise<unknown>) =>
  new Promise<unknown>((resolve) => {
    setTimeout(() => resolve(settled(work())), delayMs)
  })

const sweeps = {
  rollback: async (t: ProxiedWorld, id: number, sibling: (db: World['engine']['db']) => void) => {
    const unit = t.engine.session(async ({ db }) => {
      await insert(db, id)
      sibling(db)
      throw new Error('undone')
    })
    await expect(unit).rejects.toThrow('undone')
  },
  commit: async (t: ProxiedWorld, id: number, sibling: (db: World['engine']['db']) => void) => {
    const unit = t.engine.session(async ({ db }) => {
      await insert(db, id)
      sibling(db)
    })
    await settled(unit)
  },
}

test.each(['rollback', 'commit'] as const)(
  'a statement issued at any moment around a %s is part of the unit or refused (S2)',
  async (end) => {
    await using t = await setupBehindProxy({ size: 2, overflow: 0 })
    t.proxy.delay(10)
    await trial(`S2 ${end}`, async (s2) => {
      let id = 0
      for (const _ of s2.times(1, 5)) {
        for (let delayMs = 0; delayMs <= 60; delayMs += s2.long ? 1 : 6) {
          id += 2
          const own = id
          const siblings: Promise<unknown>[] = []
          await sweeps[end](t, own, (db) => {
            siblings.push(later(delayMs, () => insert(db, own + 1)))
          })
          const [failure] = await Promise.all(siblings)
          const there = await ids(t)
          const whole = there.includes(own)
          // The sibling stays only if it was told so, and never without the unit that it was part of.
          if (there.includes(own + 1) && (failure !== undefined || !whole))
            s2.violation(`the sibling of ${own} at ${delayMs} ms stayed`)
          if (end === 'rollback' && whole) s2.violation(`${own} was rolled back and is there`)
        }
      }
    })
  },
)

test('the first failure of statements issued together is the cause of the others (S3)', async () => {
  await using t = await setup({ size: 1, overflow: 0 })
  await trial('S3', async (s3) => {
    for (const n of s3.times(10, 300)) {
      const width = s3.between(2, 8)
      const failing = s3.between(0, width - 1)
      const unit = t.engine.session(async ({ db }) => {
        const outcomes = await Promise.all(
          Array.from({ length: width }, (_, place) =>
            settled(place === failing ? sql`select 1 / 0`.execute(db) : insert(db, n * 10 + place)),
          ),
        )
        for (const [place, outcome] of outcomes.entries()) {
          if (place < failing && outcome !== undefined) s3.violation(`${place} failed before it`)
          if (place === failing) expect(outcome).toMatchObject({ sqlState: '22012' })
          if (place > failing)
            expect(outcome).toMatchObject({ code: 'TRANSACTION_ABORTED', cause: outcomes[failing] })
        }
      })
      await s3.outcome(
        unit,
        expect.objectContaining({
          code: 'COMMIT_ROLLED_BACK',
          cause: expect.objectContaining({ sqlState: '22012' }),
        }),
      )
    }
    await s3.outcome(ids(t), [])
  })
})

test('the rollback of one of many parallel savepoints undoes itself alone (S4)', async () => {
  await using t = await setup({ size: 1, overflow: 0 })
  await trial('S4', async (s4) => {
    const kept: number[] = []
    for (const n of s4.times(5, 100)) {
      const width = s4.between(2, 6)
      const losers = new Set([s4.between(0, width - 1)])
      await t.engine.session(async (session) => {
        const parts = Array.from({ length: width }, (_, place) =>
          session.savepoint(async ({ db }) => {
            await insert(db, n * 10 + place)
            await insert(session.db, n * 10 + 1_000_000 + place)
            if (losers.has(place)) throw new Error('undone')
          }),
        )
        await Promise.allSettled(parts)
      })
      for (let place = 0; place < width; place += 1)
        if (!losers.has(place)) kept.push(n * 10 + place, n * 10 + 1_000_000 + place)
    }
    await s4.outcome(
      ids(t),
      kept.toSorted((a, b) => a - b),
    )
  })
})

test('a swallowed failure cannot be committed, and is named (S7)', async () => {
  await using t = await setup({ size: 1, overflow: 0 })
  await trial('S7', async (s7) => {
    for (const _ of s7.times(2, 50)) {
      const unit = t.engine.session(async ({ db }) => {
        await insert(db, 1)
        await settled(sql`select 1 / 0`.execute(db))
      })
      await s7.outcome(
        unit,
        expect.objectContaining({
          code: 'COMMIT_ROLLED_BACK',
          cause: expect.objectContaining({
            sqlState: '22012',
            stack: expect.stringContaining('transactions.test.ts'),
          }),
        }),
      )
    }
    await s7.outcome(ids(t), [])
  })
})

test('a ROLLBACK that fails hides nothing (S8)', async () => {
  await using t = await setupBehindProxy({ size: 1, overflow: 0, preparedStatements: 0 })
  await trial('S8', async (s8) => {
    for (const n of s8.times(3, 50)) {
      const rollback = { direction: 'toServer', message: 'Parse', text: /^rollback/i } as const
      const unit = t.engine.session(async ({ db }) => {
        await insert(db, n)
        t.proxy.when(rollback, 'cut before')
        throw new Error('the business failed')
      })
      await s8.outcome(unit, new Error('the business failed'))
    }
    await s8.outcome(ids(t), [])
    await s8.outcome(t.engine.db.selectFrom('notes').selectAll().execute(), [])
  })
})

test('write skew at SERIALIZABLE is retried until every unit is done and the rule holds (S9)', async () => {
  await using t = await setup({ size: 8, overflow: 0 })
  await trial('S9 write skew', async (s9) => {
    for (const _ of s9.times(3, 60)) {
      await t.witness('truncate notes')
      // On call: at least one has to stay.
      await t.witness("insert into notes select n, 'on call' from generate_series(1, 6) n")
      const leave = (id: number) =>
        t.engine.transaction(
          async ({ db }) => {
            const rows = await db.selectFrom('notes').select('id').execute()
            if (rows.length <= 1) return
            await db.deleteFrom('notes').where('id', '=', id).execute()
          },
          { isolation: 'serializable', retry: { attempts: 30 } },
        )
      await Promise.all([1, 2, 3, 4, 5, 6].map((id) => s9.outcome(leave(id), undefined)))
      await s9.outcome(
        ids(t).then((left) => left.length),
        1,
      )
    }
  })
})

test('deadlocks of declared units are retried, hooks and buffers start anew (S9)', async () => {
  await using t = await setup({ size: 8, overflow: 0, lockTimeoutMs: 4_000 })
  await t.witness("insert into notes values (1, '0'), (2, '0')")
  await t.witness(
    "do $$ begin execute format('alter database %I set deadlock_timeout = 20', current_database()); end $$",
  )
  await trial('S9 deadlock', async (s9) => {
    const flushed: number[] = []
    const committed: number[] = []
    const key = Symbol('gathered')
    const add = (first: number, second: number) =>
      t.engine.transaction(
        async (session) => {
          session.buffer<number>(key, async (items) => void flushed.push(items.length)).push(1)
          session.afterCommit(() => void committed.push(first))
          for (const id of [first, second])
            await sql`update notes set some_text = (some_text::int + 1)::text where id = ${id}`.execute(
              session.db,
            )
        },
        { retry: { attempts: 30 } },
      )
    let units = 0
    for (const _ of s9.times(4, 60)) {
      const pairs = [add(1, 2), add(2, 1), add(1, 2), add(2, 1)]
      units += pairs.length
      await s9.outcome(
        Promise.all(pairs),
        pairs.map(() => undefined),
      )
    }
    await s9.outcome(t.witness('select some_text from notes order by id'), [
      { some_text: String(units) },
      { some_text: String(units) },
    ])
    if (committed.length !== units) s9.violation(`${committed.length} hooks of ${units} units`)
    if (flushed.some((items) => items !== 1)) s9.violation('a buffer kept what was undone')
  })
})
