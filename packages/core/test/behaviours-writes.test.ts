import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { hardDelete, purge, restore, unscoped } from '../src/models.ts'
import { posts, setupShop } from './shop-world.ts'

type Shop = Awaited<ReturnType<typeof setupShop>>

/** Which posts there are, deleted or not, by `id:version` and a mark for what was changed now. */
const stateOf = async (t: Shop) => {
  const rows = await t.witness(
    'select id, version, deleted_at is not null as deleted, updated_at > now() - interval $$1 hour$$ as touched from posts order by id',
  )
  return rows.map(
    ({ id, version, deleted, touched }) =>
      `${id}:${version}${deleted ? ' deleted' : ''}${touched ? ' touched' : ''}`,
  )
}
const untouched = ['1:1', '2:1', '3:1', '4:1', '5:1 deleted', '6:1 deleted']
/** The state in which these posts differ. */
const but = (...changed: string[]) =>
  untouched.map((row) => changed.find((one) => one.split(':')[0] === row.split(':')[0]) ?? row)

test('an update changes rows that are seen, counts it and notes the time', async () => {
  await using t = await setupShop()
  const { db } = t.engine
  const [result] = await db
    .updateTable('posts')
    .set({ title: 'new' })
    .where('authorId', '=', 1)
    .execute()
  expect(result?.numUpdatedRows).toBe(1n)
  expect(await stateOf(t)).toEqual(but('1:2 touched'))
})

test('an update of an alias from others sees their rows that are there', async () => {
  await using t = await setupShop()
  const rows = await t.engine.db
    .updateTable('posts as p')
    .from('authors as a')
    .leftJoin('posts as other', (join) =>
      join.onRef('other.authorId', '=', 'a.id').on('other.id', '>', 4),
    )
    .set((eb) => ({ title: eb.fn.coalesce('other.title', 'a.name') }))
    .whereRef('a.id', '=', 'p.authorId')
    .returning(['p.id', 'p.title', 'p.version', 'a.name'])
    .execute()
  expect(rows).toEqual([
    { id: 1, title: 'ada', version: 2, name: 'ada' },
    { id: 2, title: 'bob', version: 2, name: 'bob' },
  ])
})

test('an update that sets the time itself keeps it', async () => {
  await using t = await setupShop()
  const { db } = t.engine
  const updatedAt = new Date('2021-01-01T00:00:00Z')
  const change = db.updateTable('posts').where('id', '=', 1).returning(['updatedAt', 'version'])
  expect(await change.set({ updatedAt }).execute()).toEqual([{ updatedAt, version: 2 }])
  expect(await change.set('updatedAt', updatedAt).execute()).toEqual([{ updatedAt, version: 3 }])
})

test('a delete keeps the row, and answers as a delete does', async () => {
  await using t = await setupShop()
  const remove = t.engine.db.deleteFrom('posts').where('authorId', '=', 1)
  expect((await remove.executeTakeFirstOrThrow()).numDeletedRows).toBe(1n)
  expect(await stateOf(t)).toEqual(but('1:2 deleted touched'))
  expect((await remove.executeTakeFirstOrThrow()).numDeletedRows).toBe(0n)
  expect(await stateOf(t)).toEqual(but('1:2 deleted touched'))
})

test('a delete returns rows, also with others beside it', async () => {
  await using t = await setupShop()
  const rows = await t.engine.db
    .deleteFrom('posts as p')
    .using('authors')
    .leftJoin('tags', 'tags.id', 'authors.id')
    .whereRef('authors.id', '=', 'p.authorId')
    .returning(['p.id', 'name', 'label', 'version'])
    .execute()
  expect(rows).toEqual([
    { id: 1, name: 'ada', label: 'one', version: 2 },
    { id: 2, name: 'bob', label: 'two', version: 2 },
  ])
})

test('a delete inside of a CTE keeps its rows', async () => {
  await using t = await setupShop()
  const rows = await t.engine.db
    .with('gone', (cte) => cte.deleteFrom('posts').where('id', '<', 3).returning('id'))
    .selectFrom('gone')
    .select('id')
    .orderBy('id')
    .execute()
  expect(rows).toEqual([{ id: 1 }, { id: 2 }])
  expect(await stateOf(t)).toEqual(but('1:2 deleted touched', '2:2 deleted touched'))
})

test('a table without behaviours loses its rows', async () => {
  await using t = await setupShop()
  const result = await t.engine.db.deleteFrom('tags').executeTakeFirstOrThrow()
  expect(result.numDeletedRows).toBe(2n)
  expect(await t.witness('select * from tags')).toEqual([])
})

test('a hard delete removes what is seen, and what is not if its scope is lifted', async () => {
  await using t = await setupShop()
  const remove = t.engine.db.deleteFrom('posts').where('authorId', '=', 1).$call(hardDelete())
  expect((await remove.executeTakeFirstOrThrow()).numDeletedRows).toBe(1n)
  expect(await stateOf(t)).toEqual(untouched.slice(1))
  const result = await remove.$call(unscoped('softDelete')).executeTakeFirstOrThrow()
  expect(result.numDeletedRows).toBe(1n)
  expect(await stateOf(t)).toEqual(['2:1', '3:1', '4:1', '6:1 deleted'])
})

test('restore brings deleted rows back and leaves the others', async () => {
  await using t = await setupShop()
  const { db } = t.engine
  const rows = await restore(db, posts)
    .where('authorId', '=', 1)
    .returning(['id', 'deletedAt'])
    .execute()
  expect(rows).toEqual([{ id: 5, deletedAt: null }])
  expect(await stateOf(t)).toEqual(but('5:2 touched'))
})

test('purge removes what was deleted before a time', async () => {
  await using t = await setupShop()
  const result = await purge(t.engine.db, posts, new Date('2020-02-20')).executeTakeFirstOrThrow()
  expect(result.numDeletedRows).toBe(1n)
  expect(await stateOf(t)).toEqual(['1:1', '2:1', '3:1', '4:1', '6:1 deleted'])
})

test('restore and purge are for models that keep deleted rows', async () => {
  await using t = await setupShop()
  const { tags } = t.engine.models as typeof t.engine.models & {
    tags: Parameters<typeof restore>[1]
  }
  const refusal = expect.objectContaining({ code: 'MODEL_SOFT_DELETE', kind: 'usage' })
  expect(() => restore(t.engine.db, tags as never)).toThrow(refusal)
  expect(() => purge(t.engine.db, tags as never, new Date())).toThrow(refusal)
})

test('an upsert updates a row that is seen as any update does', async () => {
  await using t = await setupShop()
  const upsert = t.engine.db
    .insertInto('posts')
    .values([
      { id: 1, title: 'new' },
      { id: 7, title: 'seven' },
    ])
    .onConflict((on) => on.column('id').doUpdateSet((eb) => ({ title: eb.ref('excluded.title') })))
    .returning(['id', 'title', 'version'])
  expect(await upsert.execute()).toEqual([
    { id: 1, title: 'new', version: 2 },
    { id: 7, title: 'seven', version: 1 },
  ])
  expect(await stateOf(t)).toEqual([...but('1:2 touched'), '7:1 touched'])
})

test('an upsert leaves a deleted row as it is, unless its scope is lifted', async () => {
  await using t = await setupShop()
  const upsert = t.engine.db
    .insertInto('posts')
    .values({ id: 5, title: 'new' })
    .onConflict((on) =>
      on
        .column('id')
        .doUpdateSet({ title: 'new', deletedAt: null })
        .where(sql<boolean>`posts.id = 1 or posts.id = 5`),
    )
  expect((await upsert.executeTakeFirstOrThrow()).numInsertedOrUpdatedRows).toBe(0n)
  expect(await stateOf(t)).toEqual(untouched)
  await upsert.$call(unscoped('softDelete')).execute()
  expect(await stateOf(t)).toEqual(but('5:2 touched'))
})

test('an insert of what is selected takes rows that are seen', async () => {
  await using t = await setupShop()
  await t.engine.db
    .insertInto('tags')
    .columns(['id', 'label'])
    .expression((eb) =>
      eb
        .selectFrom('posts')
        .select((one) => [one('id', '+', 10).as('id'), 'title'])
        .where('authorId', '=', 1),
    )
    .execute()
  expect(await t.witness('select * from tags where id > 2')).toEqual([{ id: 11, label: 'one' }])
})

test('MERGE reads what is seen, and writes to no table with behaviours', async () => {
  await using t = await setupShop()
  const { db } = t.engine
  await db
    .mergeInto('tags')
    .using('posts', 'posts.id', 'tags.id')
    .whenNotMatched()
    .thenInsertValues((eb) => ({ id: eb.ref('posts.id'), label: eb.ref('posts.title') }))
    .execute()
  expect(await t.witness('select id from tags order by id')).toEqual([
    { id: 1 },
    { id: 2 },
    { id: 3 },
    { id: 4 },
  ])
  const merge = db
    .mergeInto('posts')
    .using('tags', 'posts.id', 'tags.id')
    .whenMatched()
    .thenDelete()
  await expect(merge.execute()).rejects.toMatchObject({ code: 'BEHAVIOUR_MERGE', kind: 'usage' })
})
