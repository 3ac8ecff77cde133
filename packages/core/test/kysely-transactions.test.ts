import { isAbortedTransactionError, sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import { describe, expect, test } from 'vitest'
import { type KyselyWorld, kyselyWorld, ways } from './kysely-world.ts'

const names = async (t: KyselyWorld) =>
  (await t.witness('select name from animals where id >= 10 order by id')).map((row) => row.name)

describe.each(ways)('%s', (_name, open) => {
  test('a transaction commits what it did, and rolls back when its callback throws', async () => {
    await using t = await kyselyWorld(open, { max: 1 })
    const result = await t.db.transaction().execute(async (trx) => {
      await trx.insertInto('animals').values({ name: 'Fox' }).execute()
      expect(await names(t)).toEqual([])
      return trx.selectFrom('animals').select('name').where('id', '>=', 10).execute()
    })
    expect(result).toEqual([{ name: 'Fox' }])
    const failed = t.db.transaction().execute(async (trx) => {
      await trx.insertInto('animals').values({ name: 'Hen' }).execute()
      throw new Error('changed my mind')
    })
    await expect(failed).rejects.toThrow('changed my mind')
    expect(await names(t)).toEqual(['Fox'])
    expect(await t.db.selectFrom('animals').select('id').execute()).toHaveLength(4)
  })

  test('isolation and access mode reach the server', async () => {
    await using t = await kyselyWorld(open)
    const shown = await t.db
      .transaction()
      .setIsolationLevel('serializable')
      .setAccessMode('read only')
      .execute(async (trx) => {
        const { rows } = await sql<{ isolation: string; mode: string }>`select
          current_setting('transaction_isolation') as isolation, current_setting('transaction_read_only') as mode`.execute(
          trx,
        )
        return rows[0]
      })
    expect(shown).toEqual({ isolation: 'serializable', mode: 'on' })
    const writing = t.db
      .transaction()
      .setAccessMode('read only')
      .execute((trx) => trx.insertInto('animals').values({ name: 'Fox' }).execute())
    await expect(writing).rejects.toThrow()
    expect(await names(t)).toEqual([])
  })

  test('after a failed statement only a rollback is possible, and the first error is seen', async () => {
    await using t = await kyselyWorld(open, { max: 1 })
    const failed = t.db.transaction().execute(async (trx) => {
      await trx.insertInto('animals').values({ name: 'Fox' }).execute()
      await trx.insertInto('animals').values({ name: 'Owl' }).execute()
    })
    const error = (await failed.catch((reason: unknown) => reason)) as Error
    expect(error.cause ?? error).toMatchObject({ code: '23505' })
    expect(await names(t)).toEqual([])
    expect(await t.db.selectFrom('animals').select('id').execute()).toHaveLength(3)
  })

  test('a COMMIT that the server answers with ROLLBACK throws', async () => {
    await using t = await kyselyWorld(open, { max: 1 })
    const swallowed = t.db.transaction().execute(async (trx) => {
      await trx.insertInto('animals').values({ name: 'Fox' }).execute()
      await sql`select nonsense`.execute(trx).catch(() => {})
    })
    const error = (await swallowed.catch((reason: unknown) => reason)) as Error
    expect(isAbortedTransactionError(error)).toBe(true)
    expect(await names(t)).toEqual([])
    expect(await t.db.selectFrom('animals').select('id').execute()).toHaveLength(3)
  })

  test('a COMMIT that is refused throws, and nothing was written', async () => {
    await using t = await kyselyWorld(open, { max: 1 })
    const refused = t.db
      .transaction()
      .execute((trx) => trx.insertInto('animals').values({ name: 'Fox', keeperId: 99 }).execute())
    const error = (await refused.catch((reason: unknown) => reason)) as Error
    expect(error.cause ?? error).toMatchObject({ code: '23503' })
    expect(await names(t)).toEqual([])
    expect(await t.db.selectFrom('animals').select('id').execute()).toHaveLength(3)
  })

  test('a controlled transaction with savepoints keeps what was not rolled back', async () => {
    await using t = await kyselyWorld(open, { max: 1 })
    const trx = await t.db.startTransaction().execute()
    await trx.insertInto('animals').values({ name: 'Fox' }).execute()
    const first = await trx.savepoint('first').execute()
    await first.insertInto('animals').values({ name: 'Hen' }).execute()
    const second = await first.savepoint('odd "na"me').execute()
    await sql`select nonsense`.execute(second).catch(() => {})
    await second.rollbackToSavepoint('odd "na"me').execute()
    await second.insertInto('animals').values({ name: 'Ant' }).execute()
    await second.releaseSavepoint('odd "na"me').execute()
    const back = await second.rollbackToSavepoint('first').execute()
    await back.insertInto('animals').values({ name: 'Elk' }).execute()
    await trx.commit().execute()
    expect(await names(t)).toEqual(['Fox', 'Elk'])
    expect(trx.isCommitted).toBe(true)
    await expect(trx.selectFrom('animals').select('id').execute()).rejects.toThrow()
    expect(await t.db.selectFrom('animals').select('id').execute()).toHaveLength(5)
  })

  test('a controlled transaction rolls back, also after a failed statement', async () => {
    await using t = await kyselyWorld(open, { max: 1 })
    const trx = await t.db.startTransaction().setIsolationLevel('repeatable read').execute()
    await trx.insertInto('animals').values({ name: 'Fox' }).execute()
    await expect(sql`select nonsense`.execute(trx)).rejects.toThrow()
    await trx.rollback().execute()
    expect(trx.isRolledBack).toBe(true)
    expect(await names(t)).toEqual([])
    expect(await t.db.selectFrom('animals').select('id').execute()).toHaveLength(3)
  })

  test('a controlled transaction that is ended at once has harmed nobody', async () => {
    await using t = await kyselyWorld(open, { max: 1 })
    await (await t.db.startTransaction().execute()).commit().execute()
    await (await t.db.startTransaction().execute()).rollback().execute()
    expect(await t.db.selectFrom('animals').select('id').execute()).toHaveLength(3)
  })

  test('db.connection() keeps one connection for all its statements', async () => {
    await using t = await kyselyWorld(open)
    const pid = sql<{ pid: number }>`select pg_backend_pid() as pid`
    const pids = await t.db.connection().execute(async (db) => {
      const before = (await pid.execute(db)).rows[0]?.pid
      await sql`set work_mem = '1234kB'`.execute(db)
      await db
        .transaction()
        .execute((trx) => trx.insertInto('animals').values({ name: 'Fox' }).execute())
      const { rows } = await sql<{
        kept: string
      }>`select current_setting('work_mem') as kept`.execute(db)
      expect(rows).toEqual([{ kept: '1234kB' }])
      return [before, (await pid.execute(db)).rows[0]?.pid]
    })
    expect(pids[0]).toBe(pids[1])
    expect(await names(t)).toEqual(['Fox'])
  })

  test("kysely's Migrator migrates up and down", async () => {
    await using t = await kyselyWorld(open)
    const migrations = {
      '001': {
        up: (db: typeof t.db) =>
          db.schema.createTable('visits').addColumn('id', 'integer').execute(),
        down: (db: typeof t.db) => db.schema.dropTable('visits').execute(),
      },
      '002': {
        up: (db: typeof t.db) => db.schema.alterTable('visits').addColumn('note', 'text').execute(),
        down: (db: typeof t.db) => db.schema.alterTable('visits').dropColumn('note').execute(),
      },
    }
    const provider = { getMigrations: async () => migrations }
    const migrator = new Migrator({ db: t.db, provider } as ConstructorParameters<
      typeof Migrator
    >[0])
    const up = await migrator.migrateToLatest()
    expect(up).toMatchObject({ results: [{ status: 'Success' }, { status: 'Success' }] })
    expect(up.error).toBeUndefined()
    const there = () =>
      t.witness(
        "select column_name from information_schema.columns where table_name = 'visits' order by 1",
      )
    expect((await there()).map((row) => row.column_name)).toEqual(['id', 'note'])
    const second = await Promise.all([migrator.migrateToLatest(), migrator.migrateToLatest()])
    expect(second.map(({ results, error }) => [results, error])).toEqual([
      [[], undefined],
      [[], undefined],
    ])
    await migrator.migrateDown()
    expect((await migrator.migrateDown()).results).toMatchObject([
      { migrationName: '001', direction: 'Down' },
    ])
    expect(await there()).toEqual([])
  })
})
