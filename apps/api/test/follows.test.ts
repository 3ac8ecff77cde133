import { follow } from '@app/db'
import { makePost } from '@app/db/factories'
import { expect, test } from 'vitest'
import { bodyOf, registered, setup } from './setup.ts'

test('the feed has the posts of whom you follow', async () => {
  await using t = await setup()
  const ada = await registered(t, 'ada')
  const bob = await registered(t, 'bob')
  await follow(t.onlooker, { followerId: bob.id, followeeId: ada.id })
  const { id } = await makePost(t.onlooker, { authorId: ada.id })
  await makePost(t.onlooker, { authorId: bob.id })

  const response = await t.get('/feed?limit=5', bob.token)

  expect(response.status).toBe(200)
  const author = { id: ada.id, username: 'ada' }
  expect(await bodyOf(response)).toMatchObject({ total: 1, limit: 5, items: [{ id, author }] })
  expect((await t.get('/feed')).status).toBe(401)
})

test('a profile tells how many follow, and what was published last', async () => {
  await using t = await setup()
  const ada = await registered(t, 'ada')
  const bob = await registered(t, 'bob')
  await follow(t.onlooker, { followerId: bob.id, followeeId: ada.id })
  const post = await makePost(t.onlooker, { authorId: ada.id, title: 'Notes' })

  const profile = await bodyOf(await t.get(`/users/${ada.id}/profile`))

  expect(profile).toEqual({
    ...(await bodyOf(await t.get(`/users/${ada.id}`))),
    roles: [],
    newestPosts: [{ id: post.id, title: 'Notes', publishedAt: post.publishedAt?.toISOString() }],
    postCount: 1,
    followerCount: 1,
    followingCount: 0,
  })
  expect((await t.get('/users/0199f2d5-7f0c-7cf2-9d6e-5f3c1c0a4e11/profile')).status).toBe(404)
})
