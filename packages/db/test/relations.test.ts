import { openSandbox } from '@aquifer/testing'
import type { Kysely } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makePost, makeUser } from '../src/factories.ts'
import {
  type Database,
  feed,
  findPost,
  findProfile,
  follow,
  listAuthorsWithNewestPosts,
  listComments,
  unfollow,
} from '../src/index.ts'
import { setup, type World } from './setup.ts'

const page = { limit: 10, offset: 0 }

let t: World
beforeAll(async () => {
  t = await setup()
})
afterAll(() => t[Symbol.asyncDispose]())

test('following is done once, and ended once', async () => {
  await using sandbox = await openSandbox(t.engine)
  const { db } = sandbox.engine
  const pair = { followerId: (await makeUser(db)).id, followeeId: (await makeUser(db)).id }
  const both = async (change: typeof follow) => [await change(db, pair), await change(db, pair)]
  expect(await both(follow)).toEqual([true, false])
  expect(await both(unfollow)).toEqual([true, false])
})

test('nobody follows a user who was deleted', async () => {
  await using sandbox = await openSandbox(t.engine)
  const { db } = sandbox.engine
  const gone = await makeUser(db, { deletedAt: new Date() })
  const { id } = await makeUser(db)
  expect(await follow(db, { followerId: id, followeeId: gone.id })).toBe(false)
})

test('a profile has roles, counts of what is living, and the newest three published posts', async () => {
  await using sandbox = await openSandbox(t.engine)
  const { db } = sandbox.engine
  const user = await makeUser(db)
  const fan = await makeUser(db)
  const gone = await makeUser(db)
  const role = await db
    .insertInto('roles')
    .values({ name: 'editor' })
    .returning('id')
    .executeTakeFirstOrThrow()
  const assignedAt = new Date(Date.UTC(2026, 0, 1))
  await db
    .insertInto('userRoles')
    .values({ userId: user.id, roleId: role.id, assignedAt })
    .execute()
  for (const { id } of [fan, gone]) await follow(db, { followerId: id, followeeId: user.id })
  await follow(db, { followerId: user.id, followeeId: fan.id })
  await write(db, user.id, ['one', 'two', 'three', 'four', 'lost'])
  await makePost(db, { authorId: user.id, title: 'draft', publishedAt: null })
  await db.deleteFrom('users').where('id', '=', gone.id).execute()
  await db.deleteFrom('posts').where('title', '=', 'lost').execute()

  const profile = await findProfile(db, user.id)

  const { id, username, displayName, createdAt } = user
  expect(profile).toEqual({
    ...{ id, username, displayName, createdAt },
    roles: [{ name: 'editor', pivot: { assignedAt } }],
    posts: ['four', 'three', 'two'].map((title) => expect.objectContaining({ title })),
    postCount: 4,
    followerCount: 1,
    followingCount: 1,
  })
  expect(await findProfile(db, gone.id)).toBeUndefined()
})

test('authors come by username, each with the newest three posts of their own', async () => {
  await using sandbox = await openSandbox(t.engine)
  const { db } = sandbox.engine
  const zoe = await makeUser(db, { username: 'zoe' })
  const abe = await makeUser(db, { username: 'abe' })
  await makeUser(db, { username: 'mute' })
  await write(db, zoe.id, ['z1', 'z2', 'z3', 'z4'])
  await write(db, abe.id, ['a1'])

  const authors = await listAuthorsWithNewestPosts(db, page)

  expect(authors.map(({ username, posts }) => [username, posts.map(({ title }) => title)])).toEqual(
    [
      ['abe', ['a1']],
      ['zoe', ['z4', 'z3', 'z2']],
    ],
  )
})

test('a feed has the published posts of everyone followed, newest first, and their authors', async () => {
  await using sandbox = await openSandbox(t.engine)
  const { db } = sandbox.engine
  const [reader, ada, bob, gone, stranger] = [
    await makeUser(db),
    await makeUser(db),
    await makeUser(db),
    await makeUser(db),
    await makeUser(db),
  ]
  for (const { id } of [ada, bob, gone]) await follow(db, { followerId: reader.id, followeeId: id })
  await write(db, ada.id, ['first'], 1)
  await write(db, bob.id, ['second'], 2)
  await write(db, ada.id, ['third'], 3)
  for (const { id } of [gone, stranger, reader]) await write(db, id, ['elsewhere'], 4)
  await makePost(db, { authorId: ada.id, title: 'draft', publishedAt: null })
  await db.deleteFrom('users').where('id', '=', gone.id).execute()

  const all = await feed(db, reader.id, page)
  const rest = await feed(db, reader.id, { limit: 2, offset: 2 })

  const author = ({ id, username }: { id: string; username: string }) => ({ id, username })
  expect(all.items).toMatchObject([
    { title: 'third', author: author(ada) },
    { title: 'second', author: author(bob) },
    { title: 'first', author: author(ada) },
  ])
  expect(all.total).toBe(3)
  expect(rest).toMatchObject({ items: [{ title: 'first' }], total: 3 })
})

test('what a deleted author wrote is not found, and a deleted comment is not counted', async () => {
  await using sandbox = await openSandbox(t.engine)
  const { db } = sandbox.engine
  const author = await makeUser(db)
  const post = await makePost(db, { authorId: author.id })
  const bodies = ['kept', 'lost'].map((body) => ({ postId: post.id, authorId: author.id, body }))
  await db.insertInto('comments').values(bodies).execute()
  await db.deleteFrom('comments').where('body', '=', 'lost').execute()

  const { id, username } = author
  expect(await findPost(db, post.id)).toMatchObject({ commentCount: 1, author: { id, username } })
  await db.deleteFrom('users').where('id', '=', author.id).execute()
  expect(await findPost(db, post.id)).toBeUndefined()
  expect(await listComments(db, { postId: post.id, ...page })).toEqual({ items: [], total: 0 })
})

test('an update is dated by the database', async () => {
  await using sandbox = await openSandbox(t.engine)
  const { db } = sandbox.engine
  const long = new Date(0)
  const { id } = await makeUser(db, { updatedAt: long })
  await db.updateTable('users').set({ displayName: 'New' }).where('id', '=', id).execute()
  const { updatedAt } = await db
    .selectFrom('users')
    .select('updatedAt')
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  expect(updatedAt.getTime()).toBeGreaterThan(long.getTime())
})

test('a query for each row is refused in tests', async () => {
  await using sandbox = await openSandbox(t.engine)
  const looped = sandbox.engine.session(async ({ db }) => {
    for (let n = 0; n < 3; n += 1) await makePost(db, { authorId: (await makeUser(db)).id })
    for (const { authorId } of await db.selectFrom('posts').select('authorId').execute())
      await db.selectFrom('users').select('username').where('id', '=', authorId).execute()
  })
  await expect(looped).rejects.toMatchObject({ code: 'N_PLUS_ONE' })
})

/** Adds published posts, the later ones published later; `hour` is that of the first. */
async function write(db: Kysely<Database>, authorId: string, titles: string[], hour = 0) {
  for (const [n, title] of titles.entries())
    await makePost(db, { authorId, title, publishedAt: new Date(Date.UTC(2026, 0, 1, hour + n)) })
}
