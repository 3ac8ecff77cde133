import { randomUUID } from 'node:crypto'
import { hardDelete } from '@aquifer/core/models'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makePost, makeUser } from '../src/factories.ts'
import { models } from '../src/index.ts'
import { setup, type World } from './setup.ts'

let t: World
beforeAll(async () => {
  t = await setup()
})
afterAll(() => t[Symbol.asyncDispose]())

test('every model is a table with exactly its columns', async () => {
  const { rows } = await t.engine.pool.query<{ table_name: string; columns: string[] }>(
    `select table_name, array_agg(column_name::text order by column_name) as columns
     from information_schema.columns where table_schema = 'public' group by table_name`,
  )
  const inDatabase = Object.fromEntries(rows.map((row) => [row.table_name, row.columns]))
  const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  const declared = Object.values(models).map((model) => [
    model.table,
    Object.keys(model.columns).map(snake).sort(),
  ])
  expect(inDatabase).toEqual(Object.fromEntries(declared))
})

test('every foreign key is the beginning of an index', async () => {
  const { rows } = await t.engine.pool.query(
    `select conrelid::regclass::text as "table", conname as key from pg_constraint c
     where contype = 'f' and connamespace = 'public'::regnamespace and not exists (
       select from pg_index i where i.indrelid = c.conrelid and i.indkey[0] = c.conkey[1])`,
  )
  expect(rows).toEqual([])
})

test('e-mail and username are unique among the living, whatever their case', async () => {
  const { db } = t.engine
  const name = `Case_${randomUUID().slice(0, 8)}`
  const first = await makeUser(db, { username: name, email: `${name}@example.com` })
  await expect(makeUser(db, { username: name.toUpperCase() })).rejects.toMatchObject({
    code: 'UNIQUE_VIOLATION',
    constraint: 'users_username_living_key',
  })
  await expect(makeUser(db, { email: `${name}@EXAMPLE.com` })).rejects.toMatchObject({
    constraint: 'users_email_living_key',
  })
  await db.deleteFrom('users').where('id', '=', first.id).execute()
  await makeUser(db, { username: name, email: `${name}@example.com` })
})

test('nobody follows themselves', async () => {
  const { id } = await makeUser(t.engine.db)
  await expect(
    t.engine.db.insertInto('userFollows').values({ followerId: id, followeeId: id }).execute(),
  ).rejects.toMatchObject({ code: 'CHECK_VIOLATION', constraint: 'user_follows_not_self_check' })
})

test('login counts and balances are never negative', async () => {
  const { db } = t.engine
  const { id } = await makeUser(db)
  await expect(
    db.updateTable('users').set({ loginCount: -1 }).where('id', '=', id).execute(),
  ).rejects.toMatchObject({
    constraint: 'users_login_count_check',
  })
  await expect(
    db.insertInto('accounts').values({ ownerId: id, currency: 'EUR', balance: -1n }).execute(),
  ).rejects.toMatchObject({ constraint: 'accounts_balance_check' })
})

test('deleting a user for good takes posts, comments, roles and follows along, and is refused while an account is open', async () => {
  const { db } = t.engine
  const user = await makeUser(db)
  const other = await makeUser(db)
  const post = await makePost(db, { authorId: user.id })
  await db
    .insertInto('comments')
    .values({ postId: post.id, authorId: other.id, body: 'x' })
    .execute()
  await db.insertInto('userFollows').values({ followerId: other.id, followeeId: user.id }).execute()
  const account = { ownerId: user.id, currency: 'EUR' }
  await db.insertInto('accounts').values(account).execute()

  const remove = () =>
    db.deleteFrom('users').where('id', '=', user.id).$call(hardDelete()).execute()
  await expect(remove()).rejects.toMatchObject({ code: 'FOREIGN_KEY_VIOLATION' })
  await db.deleteFrom('accounts').where('ownerId', '=', user.id).execute()
  await remove()
  expect(
    await db.selectFrom('comments').select('id').where('postId', '=', post.id).execute(),
  ).toEqual([])
})
