import { randomUUID } from 'node:crypto'
import { makePost, makeUser } from '@app/db/factories'
import { expect, test } from 'vitest'
import { type Api, bodyOf, registered, setup } from './setup.ts'

const draft = { title: 'Notes', body: 'On the Analytical Engine.' }

test('a draft is seen by its author alone until it is published', async () => {
  await using t = await setup()
  const ada = await registered(t, 'ada')
  const bob = await registered(t, 'bob')

  const created = await t.post('/posts', draft, ada.token)
  const post = await bodyOf<{ id: string }>(created)
  const path = `/posts/${post.id}`

  expect(created.status).toBe(201)
  expect(created.headers.get('location')).toBe(path)
  expect(post).toMatchObject({
    ...draft,
    author: { id: ada.id, username: 'ada' },
    publishedAt: null,
  })
  expect((await t.get(path, ada.token)).status).toBe(200)
  expect((await t.get(path, bob.token)).status).toBe(404)
  expect((await t.get(path)).status).toBe(404)

  expect((await t.post(`${path}/publish`, undefined, ada.token)).status).toBe(200)

  expect((await t.get(path)).status).toBe(200)
  expect(await bodyOf(await t.get('/posts'))).toMatchObject({ total: 1, items: [{ id: post.id }] })
})

test('publishing again keeps the first time; publishing what is not yours is refused', async () => {
  await using t = await setup()
  const { id, ada, bob } = await published(t)

  const again = await bodyOf(await t.post(`/posts/${id}/publish`, undefined, ada.token))
  const stolen = await t.post(`/posts/${id}/publish`, undefined, bob.token)

  expect(again).toMatchObject(await publishedAtOf(t, id))
  expect(stolen.status).toBe(404)
})

test('a published post takes comments, and counts them', async () => {
  await using t = await setup()
  const { id, bob } = await published(t)

  const added = await t.post(`/posts/${id}/comments`, { body: 'Where can I see it?' }, bob.token)

  expect(added.status).toBe(201)
  const comment = {
    body: 'Where can I see it?',
    author: { id: bob.id, username: 'bob' },
    postId: id,
  }
  expect(await bodyOf(added)).toMatchObject(comment)
  expect(await bodyOf(await t.get(`/posts/${id}`))).toMatchObject({ commentCount: 1 })
  expect(await bodyOf(await t.get(`/posts/${id}/comments`))).toMatchObject({
    total: 1,
    items: [comment],
  })
})

test('what does not exist, or is not published, takes no comments', async () => {
  await using t = await setup()
  const ada = await registered(t, 'ada')
  const { id } = await bodyOf<{ id: string }>(await t.post('/posts', draft, ada.token))

  for (const postId of [id, randomUUID()]) {
    expect((await t.post(`/posts/${postId}/comments`, { body: 'Hello' }, ada.token)).status).toBe(
      404,
    )
    expect((await t.get(`/posts/${postId}/comments`)).status).toBe(404)
  }
})

test('writing needs a token', async () => {
  await using t = await setup()
  const { id } = await published(t)

  const responses = await Promise.all([
    t.post('/posts', draft),
    t.post(`/posts/${id}/publish`),
    t.post(`/posts/${id}/comments`, { body: 'Hello' }),
  ])

  expect(responses.map(({ status }) => status)).toEqual([401, 401, 401])
})

test('a list is cut into pages that know the whole length', async () => {
  await using t = await setup()
  const author = await makeUser(t.onlooker)
  for (const title of ['one', 'two', 'three']) {
    await makePost(t.onlooker, { authorId: author.id, title })
  }

  const first = await bodyOf<{ items: { title: string }[] }>(await t.get('/posts?limit=2'))
  const rest = await bodyOf(await t.get('/posts?limit=2&offset=2'))

  expect(first).toMatchObject({
    items: [{ title: 'three' }, { title: 'two' }],
    total: 3,
    limit: 2,
    offset: 0,
  })
  expect(rest).toMatchObject({ items: [{ title: 'one' }], total: 3, limit: 2, offset: 2 })
})

test('a user is shown to others without e-mail and password', async () => {
  await using t = await setup()
  const ada = await registered(t, 'ada')
  const fields = ['createdAt', 'displayName', 'id', 'username']

  const one = await bodyOf(await t.get(`/users/${ada.id}`))
  const { items, total } = await bodyOf<{ items: object[]; total: number }>(await t.get('/users'))

  expect(Object.keys(one).sort()).toEqual(fields)
  expect(Object.keys(items[0] ?? {}).sort()).toEqual(fields)
  expect(total).toBe(1)
  expect((await t.get(`/users/${randomUUID()}`)).status).toBe(404)
})

async function published(t: Api) {
  const ada = await registered(t, 'ada')
  const bob = await registered(t, 'bob')
  const { id } = await makePost(t.onlooker, { authorId: ada.id })
  return { id, ada, bob }
}

async function publishedAtOf(t: Api, id: string) {
  const { publishedAt } = await bodyOf<{ publishedAt: string }>(await t.get(`/posts/${id}`))
  return { publishedAt }
}
