import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { kyselyWorld, ways } from './kysely-world.ts'

const fox = { name: 'Fox' }

describe.each(ways)('%s', (_name, open) => {
  test('insert, update and delete return rows or counts', async () => {
    await using t = await kyselyWorld(open)
    const inserted = await t.db
      .insertInto('animals')
      .values([fox, { name: 'Hen' }])
      .returning(['id', 'name'])
      .execute()
    expect(inserted).toEqual([
      { id: 10, name: 'Fox' },
      { id: 11, name: 'Hen' },
    ])
    const counted = await t.db.insertInto('animals').values({ name: 'Ant' }).executeTakeFirst()
    expect(counted.numInsertedOrUpdatedRows).toBe(1n)
    expect(counted.insertId).toBeUndefined()
    const updated = await t.db
      .updateTable('animals')
      .set({ keeperId: 1 })
      .where('id', '>', 9)
      .executeTakeFirst()
    expect(updated.numUpdatedRows).toBe(3n)
    const upserted = await t.db
      .insertInto('animals')
      .values(fox)
      .onConflict((on) => on.column('name').doUpdateSet({ keeperId: null }))
      .returning('keeperId')
      .executeTakeFirstOrThrow()
    expect(upserted).toEqual({ keeperId: null })
    const deleted = await t.db.deleteFrom('animals').where('id', '>', 9).executeTakeFirst()
    expect(deleted.numDeletedRows).toBe(3n)
    const gone = await t.db.deleteFrom('animals').where('name', '=', 'Owl').returningAll().execute()
    expect(gone).toMatchObject([{ name: 'Owl', bornAt: null, keeperId: null }])
  })

  test('joins, aggregates and raw fragments come back under the names they were asked by', async () => {
    await using t = await kyselyWorld(open)
    const rows = await t.db
      .selectFrom('animals')
      .leftJoin('keepers', 'keepers.id', 'animals.keeperId')
      .select(['animals.name as animalName', 'keepers.fullName'])
      .select((eb) =>
        eb.fn
          .count<string>('animals.id')
          .over((over) => over.orderBy('animals.id'))
          .as('soFar'),
      )
      .select(sql<number>`length(animals.name)`.as('nameLength'))
      .orderBy('animals.id')
      .limit(1)
      .execute()
    expect(rows).toEqual([
      { animalName: 'Bear', fullName: 'Ada Lovelace', soFar: expect.anything(), nameLength: 4 },
    ])
    const raw = await sql<{ name: string }>`select name from animals where id = ${2}`.execute(t.db)
    expect(raw.rows).toEqual([{ name: 'Owl' }])
    const none = await sql`update animals set tags = null where id = 99`.execute(t.db)
    expect(none).toMatchObject({ rows: [], numAffectedRows: 0n })
  })

  test('dates, arrays, jsonb and null keep their meaning', async () => {
    await using t = await kyselyWorld(open)
    const bornAt = new Date('2024-02-29T12:30:00.123Z')
    const facts = { diet: ['fish'], 'odd key': { deep: null } }
    const written = {
      name: 'Seal',
      bornAt,
      tags: ['wet', 'grey, "big"'],
      facts: JSON.stringify(facts),
    }
    await t.db.insertInto('animals').values(written).execute()
    const read = await t.db
      .selectFrom('animals')
      .select(['bornAt', 'tags', 'keeperId'])
      .select(sql`facts -> 'diet' ->> 0`.as('diet'))
      .select((eb) =>
        eb
          .ref('facts', '->')
          .key('diet' as never)
          .as('list'),
      )
      .where('name', '=', 'Seal')
      .executeTakeFirstOrThrow()
    expect(read).toEqual({
      bornAt,
      tags: written.tags,
      keeperId: null,
      diet: 'fish',
      list: ['fish'],
    })
  })

  test('executeTakeFirstOrThrow throws without a row', async () => {
    await using t = await kyselyWorld(open)
    const query = t.db.selectFrom('animals').selectAll().where('id', '=', 99)
    expect(await query.executeTakeFirst()).toBeUndefined()
    await expect(query.executeTakeFirstOrThrow()).rejects.toThrow('no result')
    await expect(query.executeTakeFirstOrThrow(() => new Error('no such animal'))).rejects.toThrow(
      'no such animal',
    )
  })

  test('a refusal carries the SQLSTATE, and the next statement runs', async () => {
    await using t = await kyselyWorld(open, { max: 1 })
    const error = await t.db
      .insertInto('animals')
      .values({ name: 'Owl' })
      .execute()
      .catch((reason: unknown) => reason)
    const server = (error as Error).cause ?? error
    expect(server).toMatchObject({ code: '23505', constraint: 'animals_name_key' })
    expect(await t.db.selectFrom('animals').select('id').execute()).toHaveLength(3)
  })

  test('plugins added, left out and schemas', async () => {
    await using t = await kyselyWorld(open)
    await t.witness(
      'create schema old; create table old.animals (id int, name text); insert into old.animals values (7, $$Dodo$$)',
    )
    const old = await t.db.withSchema('old').selectFrom('animals').select(['id', 'name']).execute()
    expect(old).toEqual([{ id: 7, name: 'Dodo' }])
    const seen: string[] = []
    const watched = t.db.withPlugin({
      transformQuery: ({ node }) => {
        seen.push(node.kind)
        return node
      },
      transformResult: async ({ result }) => ({
        ...result,
        rows: result.rows.map((row) => ({ ...row, extra: 1 })),
      }),
    })
    const rows = await watched
      .selectFrom('animals')
      .select('keeperId')
      .where('id', '=', 1)
      .execute()
    expect(rows).toEqual([{ keeperId: 1, extra: 1 }])
    expect(seen).toEqual(['SelectQueryNode'])
    const bare = t.db.withoutPlugins()
    expect(await sql`select keeper_id from animals where id = 1`.execute(bare)).toMatchObject({
      rows: [{ keeper_id: 1 }],
    })
    const plain = bare
      .selectFrom('animals')
      .select('keeper_id' as 'keeperId')
      .where('id', '=', 1)
    expect(await plain.execute()).toEqual([{ keeper_id: 1 }])
  })

  test('the schema builder, introspection and a dropped table', async () => {
    await using t = await kyselyWorld(open)
    await t.db.schema
      .createTable('visits')
      .addColumn('id', 'integer', (column) => column.primaryKey().generatedAlwaysAsIdentity())
      .addColumn('seenAt', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
      .addColumn('animalId', 'integer', (column) =>
        column.references('animals.id').onDelete('cascade'),
      )
      .execute()
    await t.db.schema.createIndex('visitsByAnimal').on('visits').column('animalId').execute()
    await t.db.schema.alterTable('visits').addColumn('note', 'text').execute()
    const columns = await t.witness(
      "select column_name from information_schema.columns where table_name = 'visits' order by 1",
    )
    expect(columns.map((row) => row.column_name)).toEqual(['animal_id', 'id', 'note', 'seen_at'])
    const tables = await t.db.introspection.getTables()
    const visits = tables.find(({ name }) => name === 'visits')
    expect(visits?.columns.find(({ name }) => name === 'seen_at')).toMatchObject({
      dataType: 'timestamptz',
      isNullable: false,
      hasDefaultValue: true,
    })
    await t.db.schema.dropTable('visits').ifExists().execute()
    expect((await t.db.introspection.getTables()).map(({ name }) => name)).not.toContain('visits')
  })

  test('destroy() closes it', async () => {
    await using t = await kyselyWorld(open)
    await t.db.selectFrom('animals').select('id').execute()
    await t.db.destroy()
    await expect(t.db.selectFrom('animals').select('id').execute()).rejects.toThrow()
  })
})
