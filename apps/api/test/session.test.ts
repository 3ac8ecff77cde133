import { createPost, listUsers } from '@app/db'
import { makePost, makeUser } from '@app/db/factories'
import type { Context } from 'hono'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { AppEnv } from '../src/app-env.ts'
import { snapshot } from '../src/middleware/session.ts'
import { type Api, bodyOf, registered, setup } from './setup.ts'

const page = { limit: 1, offset: 0 }

test('what a request wrote is committed when its answer arrives', async () => {
  await using t = await setup()
  const { token } = await registered(t, 'ada')

  await t.post('/posts', { title: 'Notes', body: '' }, token)

  expect(await postCount(t)).toBe(1)
})

test.each([
  ['answers with a refusal', () => new Response(null, { status: 409 })],
  ['throws', () => Promise.reject(new Error('after the write'))],
])('what a request wrote is rolled back if it %s', async (_, finish) => {
  await using t = await setup()
  const { id: authorId } = await makeUser(t.onlooker)
  t.app.post('/test/write', async (c) => {
    await createPost(c.var.db, { authorId, title: 'Lost', body: '' })
    return finish()
  })

  const response = await t.post('/test/write')

  expect(response.status).toBeGreaterThanOrEqual(400)
  expect(await postCount(t)).toBe(0)
  expect(t.engine.stats().inUse).toBe(0)
})

test('a commit that fails is answered as a failure, whatever the handler said', async () => {
  await using t = await setup()
  const { id: authorId } = await makeUser(t.onlooker)
  t.app.post('/test/veto', async (c) => {
    await createPost(c.var.db, { authorId, title: 'Lost', body: '' })
    c.var.session.beforeCommit(() => Promise.reject(new Error('no')))
    return c.json({ fine: true }, 201)
  })

  const response = await t.post('/test/veto')

  expect(response.status).toBe(500)
  expect(await bodyOf(response)).toMatchObject({ code: 'INTERNAL' })
  expect(await postCount(t)).toBe(0)
})

test('what a request wrote is rolled back if it was answered for before it was done', async () => {
  await using t = await setup({ answerWithinMs: 200 })
  const { id: authorId } = await makeUser(t.onlooker)
  const answered = Promise.withResolvers<void>()
  t.app.post('/test/slow', async (c) => {
    await createPost(c.var.db, { authorId, title: 'Lost', body: '' })
    await answered.promise
    return c.json({ fine: true }, 201)
  })

  const response = await t.post('/test/slow')
  const ended = Promise.withResolvers<void>()
  t.engine.events.on('checkin', () => ended.resolve())
  answered.resolve()
  await ended.promise

  expect(response.status).toBe(504)
  expect(await postCount(t)).toBe(0)
})

test('a snapshot does not see what is written while it reads', async () => {
  await using t = await setup()
  const totals = async (c: Context<AppEnv>) => {
    const before = await listUsers(c.var.db, page)
    await makeUser(t.onlooker)
    const after = await listUsers(c.var.db, page)
    return c.json(after.total - before.total)
  }
  t.app.get('/test/snapshot', snapshot(t.engine), totals)
  t.app.get('/test/autocommit', totals)

  expect(await bodyOf(await t.get('/test/snapshot'))).toBe(0)
  expect(await bodyOf(await t.get('/test/autocommit'))).toBe(1)
})

test.each(['/users', '/users/:author/profile', '/posts', '/posts/:id', '/posts/:id/comments'])(
  'all that GET %s reads is of one moment, on one connection',
  async (path) => {
    await using t = await setup()
    const { id: authorId } = await makeUser(t.onlooker)
    const { id } = await makePost(t.onlooker, { authorId })
    let checkouts = 0
    t.engine.events.on('checkout', () => {
      checkouts += 1
    })

    const response = await t.get(path.replace(':id', id).replace(':author', authorId))

    expect([response.status, checkouts]).toEqual([200, 1])
  },
)

test('a client that hangs up cancels its statement and gives its connection back', async () => {
  await using t = await setup()
  const ada = await registered(t, 'ada')
  const { id } = await makePost(t.onlooker, { authorId: ada.id, publishedAt: null })

  await t.rival.transaction(async ({ db }) => {
    await db.selectFrom('posts').select('id').where('id', '=', id).forUpdate().execute()
    const hangUp = new AbortController()
    const waiting = t.app.request(`/posts/${id}/publish`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ada.token}` },
      signal: hangUp.signal,
    })
    await blocked(t)
    hangUp.abort()
    await waiting
    expect(t.engine.stats().inUse).toBe(0)
  })

  expect(t.lines.at(-1)).toContain('"code":"CLIENT_CLOSED_REQUEST"')
  const post = await t.onlooker
    .selectFrom('posts')
    .select('publishedAt')
    .where('id', '=', id)
    .executeTakeFirst()
  expect(post).toEqual({ publishedAt: null })
})

test('a full pool turns requests away with a time to come back', async () => {
  await using t = await setup({ profile: { size: 1, overflow: 0, acquireTimeoutMs: 1_000 } })
  await using _held = await t.engine.acquire()

  const response = await t.get('/posts')

  expect(response.status).toBe(503)
  expect(response.headers.get('retry-after')).toBe('1')
  expect(await bodyOf(response)).toMatchObject({ code: 'OVERLOADED' })
})

test('a lock that is not had in time is answered with 504', async () => {
  await using t = await setup({ profile: { lockTimeoutMs: 20 } })
  const ada = await registered(t, 'ada')
  const { id } = await makePost(t.onlooker, { authorId: ada.id, publishedAt: null })

  const response = await t.rival.transaction(async ({ db }) => {
    await db.selectFrom('posts').select('id').where('id', '=', id).forUpdate().execute()
    return t.post(`/posts/${id}/publish`, undefined, ada.token)
  })

  expect(response.status).toBe(504)
  expect(await bodyOf(response)).toMatchObject({ code: 'TIMED_OUT' })
})

async function postCount({ onlooker }: Api): Promise<number> {
  return (await onlooker.selectFrom('posts').select('id').execute()).length
}

/** Until a statement of the API waits for a lock. */
async function blocked({ onlooker }: Api): Promise<void> {
  const waiting = sql`select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`
  await expect.poll(async () => (await waiting.execute(onlooker)).rows.length).toBe(1)
}
