import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { type KyselyWorld, kyselyWorld, ways } from './kysely-world.ts'

const COUNT = 250
const fill = (t: KyselyWorld) =>
  t.witness(
    `insert into animals (id, name) select n, 'n' || n from generate_series(100, ${99 + COUNT}) n`,
  )
const sleeping = (t: KyselyWorld) =>
  t.witness(
    "select from pg_stat_activity where datname = current_database() and state = 'active' and query like 'select%pg_sleep%' and pid <> pg_backend_pid()",
  )

describe.each(ways)('%s', (_name, open) => {
  test.each([undefined, 1, 7, 1_000])(
    'a stream in pieces of %s gives every row once, in order',
    async (size) => {
      await using t = await kyselyWorld(open, { max: 1 })
      await fill(t)
      const ids: number[] = []
      const query = t.db
        .selectFrom('animals')
        .select(['id', 'keeperId'])
        .where('id', '>=', 100)
        .orderBy('id')
      for await (const row of query.stream(size)) {
        expect(row.keeperId).toBeNull()
        ids.push(row.id)
      }
      expect(ids).toEqual(Array.from({ length: COUNT }, (_, at) => at + 100))
      expect(await t.db.selectFrom('animals').select('id').limit(1).execute()).toHaveLength(1)
    },
  )

  test('a stream that is left early frees its connection', async () => {
    await using t = await kyselyWorld(open, { max: 1 })
    await fill(t)
    for await (const _row of t.db.selectFrom('animals').selectAll().stream(5)) break
    expect(await t.db.selectFrom('animals').select('id').limit(1).execute()).toHaveLength(1)
  })

  test('an error in the middle of a stream, and one in its loop, reach the caller', async () => {
    await using t = await kyselyWorld(open, { max: 1 })
    await fill(t)
    const failing = t.db
      .selectFrom('animals')
      .select(sql<number>`1 / (id - 150)`.as('n'))
      .where('id', '>=', 100)
      .orderBy('id')
    let count = 0
    const error = await (async () => {
      for await (const _row of failing.stream(10)) count += 1
    })().catch((reason: Error) => reason)
    expect((error as Error).cause ?? error).toMatchObject({ code: '22012' })
    expect(count).toBeLessThanOrEqual(50)
    const own = (async () => {
      for await (const _row of t.db.selectFrom('animals').selectAll().stream(5))
        throw new Error('mine')
    })()
    await expect(own).rejects.toThrow('mine')
    expect(await t.db.selectFrom('animals').select('id').limit(1).execute()).toHaveLength(1)
  })

  test('a stream inside a transaction sees what the transaction did', async () => {
    await using t = await kyselyWorld(open, { max: 1 })
    await t.db.transaction().execute(async (trx) => {
      await trx.insertInto('animals').values({ name: 'Fox' }).execute()
      const seen: string[] = []
      for await (const { name } of trx.selectFrom('animals').select('name').orderBy('id').stream(1))
        seen.push(name)
      expect(seen).toEqual(['Bear', 'Owl', 'Cat', 'Fox'])
      for await (const _row of trx.selectFrom('keepers').select('id').stream(1)) break
      const read = []
      for await (const row of trx.selectFrom('keepers').select('id').stream(1)) read.push(row)
      await trx.insertInto('animals').values({ name: 'Hen' }).execute()
      // Refused while a result of the table is still open.
      await sql`alter table keepers add age int`.execute(trx)
    })
    expect(await t.witness('select from animals')).toHaveLength(5)
  })

  test('a signal that has fired before lets nothing run', async () => {
    await using t = await kyselyWorld(open)
    const signal = AbortSignal.abort(new Error('too late'))
    const insert = t.db.insertInto('animals').values({ name: 'Fox' }).execute({ signal })
    await expect(insert).rejects.toThrow()
    const stream = t.db.selectFrom('animals').selectAll().stream({ signal })
    await expect(stream.next()).rejects.toThrow()
    expect(await t.witness('select from animals')).toHaveLength(3)
  })

  test('a signal ends a statement for its caller and on the server, and the connection lives on', async () => {
    await using t = await kyselyWorld(open, { max: 1 })
    const giveUp = new AbortController()
    const reason = new Error('gave up')
    const slow = t.db.selectNoFrom(sql`pg_sleep(60)`.as('slept'))
    const running = slow
      .execute({ signal: giveUp.signal, inflightQueryAbortStrategy: 'cancel query' })
      .catch((error: unknown) => error)
    await expect.poll(() => sleeping(t)).toHaveLength(1)
    giveUp.abort(reason)
    const error = (await running) as Error
    expect([error, error.cause]).toContain(reason)
    await expect.poll(() => sleeping(t)).toHaveLength(0)
    expect(await t.db.selectFrom('animals').select('id').execute()).toHaveLength(3)
  })

  test('a signal ends a stream between its pieces', async () => {
    await using t = await kyselyWorld(open, { max: 1 })
    await fill(t)
    const giveUp = new AbortController()
    let count = 0
    const reading = (async () => {
      for await (const _row of t.db
        .selectFrom('animals')
        .selectAll()
        .stream({ chunkSize: 5, signal: giveUp.signal } as never)) {
        count += 1
        if (count === 3) giveUp.abort(new Error('gave up'))
      }
    })()
    await expect(reading).rejects.toThrow()
    expect(count).toBeLessThan(COUNT)
    expect(await t.db.selectFrom('animals').select('id').limit(1).execute()).toHaveLength(1)
  })
})
