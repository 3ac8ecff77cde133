import { expect, test } from 'vitest'
import { atVersion, hardDelete, StaleError, unscoped } from '../src/models.ts'
import { setupShop } from './shop-world.ts'

type Shop = Awaited<ReturnType<typeof setupShop>>['engine']['db']

const rename = (db: Shop, id: number) =>
  db.updateTable('posts').set({ title: 'new' }).where('id', '=', id)

test('an update at the version that a row has changes it', async () => {
  await using t = await setupShop()
  const { db } = t.engine
  expect(await rename(db, 1).returning('version').$call(atVersion(1)).execute()).toEqual([
    { version: 2 },
  ])
  const result = await rename(db, 1).$call(atVersion(2)).executeTakeFirstOrThrow()
  expect(result.numUpdatedRows).toBe(1n)
})

test('an update at another version is refused with both, and writes nothing', async () => {
  await using t = await setupShop()
  const { db } = t.engine
  await rename(db, 1).execute()
  await rename(db, 1).execute()
  const error = await rename(db, 1)
    .$call(atVersion(2))
    .execute()
    .catch((caught) => caught)
  expect(error).toBeInstanceOf(StaleError)
  expect(error).toMatchObject({
    code: 'STALE_VERSION',
    kind: 'stale',
    retryable: false,
    model: 'posts',
    asked: 2,
    found: 3,
  })
  expect(await t.witness('select version from posts where id = 1')).toEqual([{ version: 3 }])
})

test.each([
  ['is not there', (db: Shop) => rename(db, 99)],
  ['is deleted', (db: Shop) => rename(db, 5)],
  ['fails another condition', (db: Shop) => rename(db, 1).where('title', '=', 'two')],
])('a row that %s has no version', async (_title, write) => {
  await using t = await setupShop()
  const refused = write(t.engine.db).$call(atVersion(1)).execute()
  await expect(refused).rejects.toMatchObject({ code: 'STALE_VERSION', found: undefined })
})

test('the version of a deleted row is found where its scope is lifted', async () => {
  await using t = await setupShop()
  const refused = rename(t.engine.db, 5).$call(unscoped('softDelete')).$call(atVersion(7)).execute()
  await expect(refused).rejects.toMatchObject({ code: 'STALE_VERSION', found: 1 })
})

test('deletes ask for a version too, and updates from other tables', async () => {
  await using t = await setupShop()
  const { db } = t.engine
  const remove = db.deleteFrom('posts as p').where('p.id', '=', 1)
  const stale = { code: 'STALE_VERSION', asked: 9, found: 1 }
  await expect(remove.$call(atVersion(9)).execute()).rejects.toMatchObject(stale)
  await expect(remove.$call(hardDelete()).$call(atVersion(9)).execute()).rejects.toMatchObject(
    stale,
  )
  const joined = db
    .updateTable('posts')
    .from('authors')
    .innerJoin('tags', 'tags.id', 'authors.id')
    .set({ title: 'new' })
    .whereRef('authors.id', '=', 'posts.authorId')
    .where('label', '=', 'one')
  await expect(joined.$call(atVersion(9)).execute()).rejects.toMatchObject(stale)
  await joined.$call(atVersion(1)).execute()
  await remove.$call(atVersion(2)).execute()
  expect(
    await t.witness('select version from posts where deleted_at > now() - interval $$1 hour$$'),
  ).toEqual([{ version: 3 }])
})

test('a session goes on after a stale row', async () => {
  await using t = await setupShop()
  const { db } = t.engine
  await t.engine.session(async () => {
    await expect(rename(db, 1).$call(atVersion(9)).execute()).rejects.toBeInstanceOf(StaleError)
    await rename(db, 2).execute()
  })
  expect(await t.witness("select id from posts where title = 'new'")).toEqual([{ id: 2 }])
})

test('of two who read the same version the second is refused', async () => {
  await using t = await setupShop()
  const { db } = t.engine
  const outcomes = await Promise.allSettled(
    [1, 2].map(() => rename(db, 1).$call(atVersion(1)).execute()),
  )
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
    reason: { code: 'STALE_VERSION', asked: 1, found: 2 },
  })
})

test('a version is asked of a model that has one, by a query of its own', async () => {
  await using t = await setupShop()
  const { db } = t.engine
  const missing = db.updateTable('tags').set({ label: 'x' }).$call(atVersion(1)).execute()
  await expect(missing).rejects.toMatchObject({ code: 'VERSION_MISSING', kind: 'usage' })
  const nested = db
    .with('changed', (cte) =>
      cte.updateTable('posts').set({ title: 'x' }).returning('id').$call(atVersion(1)),
    )
    .selectFrom('changed')
    .select('id')
    .execute()
  await expect(nested).rejects.toMatchObject({ code: 'VERSION_NESTED', kind: 'usage' })
  const around = db
    .with('ids', (cte) => cte.selectFrom('posts').select('id'))
    .updateTable('posts')
    .set({ title: 'x' })
    .where('id', 'in', (eb) => eb.selectFrom('ids').select('id'))
    .$call(atVersion(1))
    .execute()
  await expect(around).rejects.toMatchObject({ code: 'VERSION_NESTED', kind: 'usage' })
})
