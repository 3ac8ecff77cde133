import { openFaultProxy } from '@aquifer/embedded'
import { expect, test } from 'vitest'
import { createEngine } from '../src/index.ts'
import { load, loadInto, models, setup } from './load-world.ts'

/** An engine whose flights are counted, with a connection that is open already. */
async function setupCounted(multiplex = false) {
  const t = await setup()
  const proxy = await openFaultProxy({ target: t.url })
  const profile = { ...t.engine.profile, url: proxy.url, size: 2, overflow: 0 }
  const engine = createEngine({
    models,
    profile: multiplex ? { ...profile, multiplex: { connections: 1 } } : profile,
  })
  await engine.pool.query('select 1')
  return {
    engine,
    proxy,
    [Symbol.asyncDispose]: async () => {
      await engine.close()
      await proxy.close()
      await t[Symbol.asyncDispose]()
    },
  }
}

const tree = load('users', {
  posts: {
    strategy: 'selectin',
    load: { comments: { strategy: 'selectin', load: { author: true } } },
  },
  roles: { strategy: 'selectin' },
  parent: true,
})

test('a tree travels in one flight, with a snapshot of its own', async () => {
  await using t = await setupCounted()
  const query = t.engine.db.selectFrom('users').select('id').$call(tree)
  const recording = t.proxy.record()
  expect(await query.execute()).toHaveLength(4)
  // BEGIN, the query, posts, comments, roles, COMMIT.
  expect(recording.counts).toMatchObject({ flights: 1, statements: 6 })
})

test('a tree of one statement begins nothing', async () => {
  await using t = await setupCounted()
  const query = t.engine.db.selectFrom('users').select('id').where('id', '=', 1)
  const recording = t.proxy.record()
  await query.$call(load('users', { posts: { load: { comments: true } }, parent: true })).execute()
  expect(recording.counts).toMatchObject({ flights: 1, statements: 1 })
})

test('a tree travels in one flight inside of a session and of a transaction of Kysely', async () => {
  await using t = await setupCounted()
  await t.engine.session(async ({ db }) => {
    await db.selectFrom('users').select('id').execute()
    const recording = t.proxy.record()
    expect(await t.engine.db.selectFrom('users').select('id').$call(tree).execute()).toHaveLength(4)
    expect(recording.counts).toMatchObject({ flights: 1, statements: 4 })
  })
  await t.engine.db.transaction().execute(async (db) => {
    await db.selectFrom('users').select('id').execute()
    const recording = t.proxy.record()
    expect(await db.selectFrom('users').select('id').$call(tree).execute()).toHaveLength(4)
    expect(recording.counts).toMatchObject({ flights: 1, statements: 4 })
  })
})

test('sessions without a transaction and shared connections bring trees too', async () => {
  await using t = await setupCounted(true)
  const query = t.engine.db.selectFrom('users').select('id').orderBy('id').$call(tree)
  const rows = await query.execute()
  expect(rows[0]?.posts[0]?.comments).toHaveLength(3)
  const read = () => query.execute()
  expect(await t.engine.session(read, { mode: 'autocommit' })).toEqual(rows)
  expect(await Promise.all([read(), read()])).toEqual([rows, rows])
})

test('edges of rows in hand travel in one flight, all levels', async () => {
  await using t = await setupCounted()
  const rows = [
    { id: 1, parentId: null },
    { id: 2, parentId: 1 },
  ]
  const recording = t.proxy.record()
  await loadInto(t.engine.db, 'users', rows, {
    posts: { load: { comments: { strategy: 'selectin' } } },
    parent: true,
  })
  expect(recording.counts).toMatchObject({ flights: 1, statements: 5 })
})

test('calls of one tick for the same edges are made together', async () => {
  await using t = await setupCounted()
  const { db } = t.engine
  const titles = async (id: number, from: number) => {
    const [row] = await loadInto(db, 'users', [{ id }], {
      posts: { columns: ['title'], where: (e) => e('id', '>', from), limit: 1 },
    })
    return row?.posts.map(({ title }) => title)
  }
  const recording = t.proxy.record()
  const all = await Promise.all([titles(1, 0), titles(2, 0), titles(3, 0), titles(1, 3)])
  expect(all).toEqual([['post 3'], ['post 1'], ['post 2'], ['post 6']])
  // One of them asks for others, and is no part of it.
  expect(recording.counts).toMatchObject({ statements: 2 })
})

test('a call inside of a session is not made together with one outside of it', async () => {
  await using t = await setup()
  const { db } = t.engine
  const count = async () => {
    const [row] = await loadInto(db, 'users', [{ id: 1 }], { posts: { columns: ['id'] } })
    return row?.posts.length
  }
  await t.engine.session(async (session) => {
    await session.db.deleteFrom('posts').where('authorId', '=', 1).execute()
    expect(await count()).toBe(0)
  })
  await t.engine.session(async (session) => {
    await session.db
      .insertInto('posts')
      .values({ id: 99, authorId: 1, title: '', createdAt: new Date(), views: 0n })
      .execute()
    const outside = t.engine.session(count, { propagation: 'new' })
    expect(await Promise.all([count(), outside])).toEqual([1, 0])
  })
})

test('an edge that nobody needs is not loaded later either', async () => {
  await using t = await setup()
  const { db } = t.engine
  const rows = await db
    .selectFrom('users')
    .select('id')
    .$call(load('users', { posts: 'raise', roles: true }))
    .execute()
  expect(rows[0]).not.toHaveProperty('posts')
  await expect(loadInto(db, 'users', rows, { posts: true })).rejects.toMatchObject({
    code: 'RELATION_RAISE',
  })
  await loadInto(db, 'users', rows, { children: true })
})

test('rows in hand that nothing can be loaded into are refused', async () => {
  await using t = await setup()
  const { db } = t.engine
  const keyless = [{ name: 'ada' }] as unknown as { id: number }[]
  await expect(loadInto(db, 'users', keyless, { posts: true })).rejects.toMatchObject({
    code: 'LOAD_KEY_MISSING',
  })
  const frozen = [Object.freeze({ id: 1 })]
  await expect(loadInto(db, 'users', frozen, { posts: true })).rejects.toMatchObject({
    code: 'LOAD_ROWS_FROZEN',
  })
})
