import { randomUUID } from 'node:crypto'
import { openSandbox } from '@aquifer/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makePost, makeUser } from '../src/factories.ts'
import {
  addComment,
  findPost,
  findUserByEmail,
  listComments,
  listPublishedPosts,
  MAX_FAILED_LOGINS,
  markWelcomed,
  publishPost,
  recordFailedLogin,
  recordLogin,
  seed,
} from '../src/index.ts'
import { setup, type World } from './setup.ts'

let t: World
beforeAll(async () => {
  t = await setup()
})
afterAll(() => t[Symbol.asyncDispose]())

test('a user is found by e-mail in whatever case, and not after deletion', async () => {
  await using sandbox = await openSandbox(t.engine)
  const { db } = sandbox.engine
  const user = await makeUser(db)
  expect((await findUserByEmail(db, user.email.toUpperCase()))?.id).toBe(user.id)
  await db.deleteFrom('users').where('id', '=', user.id).execute()
  expect(await findUserByEmail(db, user.email)).toBeUndefined()
})

test('the tenth failed login in a row locks, a login unlocks and counts', async () => {
  await using sandbox = await openSandbox(t.engine)
  const { db } = sandbox.engine
  const { id } = await makeUser(db)
  const row = () =>
    db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
  for (let n = 1; n < MAX_FAILED_LOGINS; n += 1) await recordFailedLogin(db, id)
  expect(await row()).toMatchObject({ failedLoginCount: MAX_FAILED_LOGINS - 1, lockedUntil: null })
  await recordFailedLogin(db, id)
  expect((await row()).lockedUntil).toBeInstanceOf(Date)
  await recordLogin(db, id)
  expect(await row()).toMatchObject({ failedLoginCount: 0, loginCount: 1, lockedUntil: null })
})

test('a user is welcomed once', async () => {
  await using sandbox = await openSandbox(t.engine)
  const { db } = sandbox.engine
  const { id } = await makeUser(db)
  expect(await markWelcomed(db, id, new Date())).toBe(true)
  expect(await markWelcomed(db, id, new Date())).toBe(false)
})

test('a post is published by its author alone, and keeps its first time', async () => {
  await using sandbox = await openSandbox(t.engine)
  const { db } = sandbox.engine
  const author = await makeUser(db)
  const draft = await makePost(db, { authorId: author.id, publishedAt: null })
  expect(await publishPost(db, { postId: draft.id, authorId: randomUUID() })).toBeUndefined()
  const first = await publishPost(db, { postId: draft.id, authorId: author.id })
  const second = await publishPost(db, { postId: draft.id, authorId: author.id })
  expect(first?.publishedAt).toBeInstanceOf(Date)
  expect(second?.publishedAt).toEqual(first?.publishedAt)
})

test('comments go below published posts only, and are listed oldest first with a total', async () => {
  // In a sandbox now() stands still, and with it what is older.
  const { db } = t.engine
  const { id: authorId } = await makeUser(db)
  const draft = await makePost(db, { authorId, publishedAt: null })
  const post = await makePost(db, { authorId })
  expect(await addComment(db, { postId: draft.id, authorId, body: 'no' })).toBeUndefined()
  for (const body of ['a', 'b', 'c']) await addComment(db, { postId: post.id, authorId, body })
  const page = await listComments(db, { postId: post.id, limit: 2, offset: 1 })
  expect(page.items.map((comment) => comment.body)).toEqual(['b', 'c'])
  expect(page.total).toBe(3)
  expect((await findPost(db, post.id))?.commentCount).toBe(3)
})

test('drafts and posts of deleted authors are in no list', async () => {
  await using sandbox = await openSandbox(t.engine)
  const { db } = sandbox.engine
  const gone = await makeUser(db, { deletedAt: new Date() })
  const here = await makeUser(db)
  const hidden = await makePost(db, { authorId: gone.id })
  const draft = await makePost(db, { authorId: here.id, publishedAt: null })
  const { items } = await listPublishedPosts(db, { limit: 100, offset: 0 })
  const listed = items.map((post) => post.id)
  expect(listed).not.toContain(hidden.id)
  expect(listed).not.toContain(draft.id)
})

test('the database is seeded once, also by two processes at once', async () => {
  await using empty = await setup()
  const outcomes = await Promise.all([seed(empty.engine), seed(empty.engine)])
  expect(outcomes.sort()).toEqual([false, true])
  expect(await seed(empty.engine)).toBe(false)
  expect((await listPublishedPosts(empty.engine.db, { limit: 100, offset: 0 })).total).toBe(3)
})
