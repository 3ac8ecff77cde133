import { expect, test } from 'vitest'
import { forgetIdempotencyKeys, idempotencySchema } from '../src/index.ts'
import { ids, note, setup, setupBehindProxy, type World } from './setup.ts'

const single = { size: 1, overflow: 0 } as const

const ready = async <T extends World>(t: T): Promise<T> => {
  await idempotencySchema().upgrade(t.engine, () => {})
  return t
}

const add = (t: World, key: string, id: number, options = {}) =>
  t.engine.once(
    key,
    async ({ db, attempt }) => {
      await db.insertInto('notes').values(note(id)).execute()
      return { id, attempt }
    },
    options,
  )

test('a unit with a key is applied once, and later calls get its result', async () => {
  await using t = await ready(await setup(single))
  expect(await add(t, 'order-1', 1)).toEqual({ id: 1, attempt: 1 })
  expect(await add(t, 'order-1', 2)).toEqual({ id: 1, attempt: 1 })
  expect(await add(t, 'order-2', 3)).toEqual({ id: 3, attempt: 1 })
  expect(await ids(t)).toEqual([1, 3])
})

test('calls with one key at the same time apply it once', async () => {
  await using t = await ready(await setup({ size: 8, overflow: 0 }))
  const results = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((id) => add(t, 'order', id)))
  expect(new Set(results.map(({ id }) => id)).size).toBe(1)
  expect(await ids(t)).toHaveLength(1)
})

test('a unit that failed leaves its key free', async () => {
  await using t = await ready(await setup(single))
  const failing = t.engine.once('order', async ({ db }) => {
    await db.insertInto('notes').values(note(1)).execute()
    throw new Error('undone')
  })
  await expect(failing).rejects.toThrow('undone')
  await add(t, 'order', 2)
  expect(await ids(t)).toEqual([2])
})

test('a unit whose COMMIT was lost with its server is applied once all the same', async () => {
  await using t = await ready(await setupBehindProxy(single))
  const notified: number[] = []
  const commit = { direction: 'toClient', message: 'CommandComplete', text: /COMMIT/ } as const
  const unit = t.engine.once('order', async ({ db, attempt }) => {
    notified.push(attempt)
    await db.insertInto('notes').values(note(1)).execute()
    if (attempt > 1) return attempt
    const reply = t.proxy.when(commit, 'hold')
    // The server is out of reach until the question for the outcome has met its end.
    void reply.fired.then(async () => {
      t.proxy.refuse()
      t.proxy.cut()
      await t.engine.db
        .selectFrom('notes')
        .select('id')
        .execute()
        .catch(() => {})
      await t.proxy.heal()
    })
    return attempt
  })
  expect(await unit).toBe(1)
  expect(notified).toEqual([1])
  expect(await ids(t)).toEqual([1])
})

test('a key that was used for another request is refused', async () => {
  await using t = await ready(await setup(single))
  await add(t, 'order', 1, { fingerprint: 'a' })
  await add(t, 'order', 1, { fingerprint: 'a' })
  const reused = { code: 'IDEMPOTENCY_KEY_REUSED', kind: 'usage' }
  await expect(add(t, 'order', 2, { fingerprint: 'b' })).rejects.toMatchObject(reused)
})

test('a key is refused inside of the unit that is applied under it', async () => {
  await using t = await ready(await setup({ size: 2, overflow: 0 }))
  const inUse = { code: 'IDEMPOTENCY_KEY_IN_USE', kind: 'usage' }
  const nested = t.engine.once('order', () => add(t, 'order', 1))
  await expect(nested).rejects.toMatchObject(inUse)
  const beside = t.engine.once('order', () => add(t, 'order', 1, { propagation: 'new' }))
  await expect(beside).rejects.toMatchObject(inUse)
  const unit = t.engine.session(() => Promise.all([add(t, 'order', 1), add(t, 'order', 2)]))
  await expect(unit).rejects.toMatchObject(inUse)
  await t.engine.session(async () => {
    expect(await add(t, 'order', 3)).toMatchObject({ id: 3 })
    expect(await add(t, 'order', 4)).toMatchObject({ id: 3 })
  })
  expect(await ids(t)).toEqual([3])
})

test('a key takes part in the session around the call', async () => {
  await using t = await ready(await setup(single))
  const unit = t.engine.session(async () => {
    await add(t, 'order', 1)
    throw new Error('undone')
  })
  await expect(unit).rejects.toThrow('undone')
  await add(t, 'order', 2)
  expect(await ids(t)).toEqual([2])
})

test('a key that is forgotten while it is looked at is taken again', async () => {
  await using t = await ready(await setupBehindProxy({ preparedStatements: 0 }))
  await add(t, 'order', 1)
  const look = { direction: 'toServer', message: 'Parse', text: /^select fingerprint/ } as const
  const hold = t.proxy.when(look, 'hold')
  const second = add(t, 'order', 2)
  await hold.fired
  await t.witness('delete from aquifer.idempotency_key')
  hold.release()
  expect(await second).toMatchObject({ id: 2 })
  expect(await add(t, 'order', 3)).toMatchObject({ id: 2 })
  expect(await ids(t)).toEqual([1, 2])
})

test('what JSON would not bring back is a type error, and the rest is none', async () => {
  await using t = await ready(await setup(single))
  interface Order {
    readonly id: number
    readonly lines?: readonly string[]
  }
  const order: Order = { id: 1, lines: ['one'] }
  const got: Order = await t.engine.once('interface', async () => order)
  expect(got).toEqual(order)
  const nothing: unknown = await t.engine.once('nothing', async () => {})
  expect(nothing).toBeUndefined()
  // @ts-expect-error a Date would come back as a string
  await t.engine.once('date', async () => new Date(0))
  // @ts-expect-error a bigint has no form in JSON
  const wide = t.engine.once('bigint', async () => ({ id: 1n }))
  await expect(wide).rejects.toThrow(TypeError)
})

test('without its table the error says how to get it, and a bad key is refused', async () => {
  await using t = await setup(single)
  const missing = { code: 'IDEMPOTENCY_TABLE_MISSING', kind: 'usage' }
  await expect(add(t, 'order', 1)).rejects.toMatchObject(missing)
  const invalid = { code: 'IDEMPOTENCY_KEY_INVALID', kind: 'usage' }
  for (const key of ['', 'x'.repeat(513)])
    await expect(add(t, key, 1)).rejects.toMatchObject(invalid)
})

test('old keys can be forgotten, and the table can be made again', async () => {
  await using t = await ready(await ready(await setup(single)))
  await add(t, 'order', 1)
  expect(await t.engine.session((session) => forgetIdempotencyKeys(session, 60_000))).toBe(0)
  await t.witness("update aquifer.idempotency_key set at = at - interval '2 minutes'")
  expect(await t.engine.session((session) => forgetIdempotencyKeys(session, 60_000))).toBe(1)
  await add(t, 'order', 2)
  expect(await ids(t)).toEqual([1, 2])
})
