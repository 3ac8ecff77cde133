import diagnostics from 'node:diagnostics_channel'
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import type { PoolEvents, Profile } from '../src/index.ts'
import { ids, next, note, setup, type World } from './setup.ts'

const CHANNEL = 'undici:request:create'
const refused = { code: 'NETWORK_IN_TRANSACTION', kind: 'usage' }

/** A world with a server on the web that counts what reaches it. */
async function setupWithWeb(networkInTransaction: Profile['networkInTransaction']) {
  const t = await setup({ networkInTransaction })
  let requests = 0
  const server = createServer((_request, response) => {
    requests += 1
    response.end('ok')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const calls: PoolEvents['networkCall'][] = []
  t.engine.events.on('networkCall', (event) => calls.push(event))
  return {
    ...t,
    host,
    calls,
    requests: () => requests,
    fetch: async () => (await fetch(`http://${host}/secret`, { method: 'POST' })).text(),
    /** Asks by node:http. */
    ask: () =>
      new Promise<void>((resolve, reject) => {
        const asked = request(`http://${host}/secret`, (response) => {
          response.resume().once('end', resolve)
        })
        asked.once('error', reject).end()
      }),
    [Symbol.asyncDispose]: async () => {
      server.close()
      server.closeAllConnections()
      await t[Symbol.asyncDispose]()
    },
  }
}

const insert = (t: World) => t.engine.db.insertInto('notes').values(note(1)).execute()

test('warn tells of each request that is begun inside a transaction, and lets it go', async () => {
  await using t = await setupWithWeb('warn')
  await t.engine.session(async () => {
    await insert(t)
    await t.fetch()
    await t.ask()
  })
  const at = expect.stringContaining('network-in-transaction.test.ts')
  expect(t.calls).toEqual([
    { host: t.host, method: 'POST', at },
    { host: t.host, method: 'GET', at },
  ])
  expect([t.requests(), await ids(t)]).toEqual([2, [1]])
})

test('a warning that nobody listens to is one of the process', async () => {
  await using t = await setupWithWeb('warn')
  await using deaf = await setup({ networkInTransaction: 'warn' })
  const warned = once(process, 'warning')
  await deaf.engine.session(async (session) => {
    await session.query('select 1')
    await t.fetch()
  })
  expect(await warned).toMatchObject([
    { name: 'AquiferWarning', message: expect.stringContaining(t.host) },
  ])
})

test('no transaction waits for what is begun before BEGIN, after COMMIT or without one', async () => {
  await using t = await setupWithWeb('refuse')
  await t.engine.session(async (session) => {
    await t.fetch()
    await insert(t)
    session.afterCommit(async () => void (await t.fetch()))
  })
  await t.engine.session(
    async (session) => {
      await session.query('select 1')
      await t.ask()
    },
    { mode: 'autocommit' },
  )
  await t.fetch()
  expect([t.requests(), t.calls]).toEqual([4, []])
})

test('a transaction elsewhere in the process is nobody else’s', async () => {
  await using t = await setupWithWeb('refuse')
  const begun = Promise.withResolvers<void>()
  const go = Promise.withResolvers<void>()
  const unit = t.engine.session(async () => {
    await insert(t)
    begun.resolve()
    await go.promise
  })
  await begun.promise
  await t.fetch()
  await t.engine.session(() => t.fetch())
  go.resolve()
  await unit
  expect([t.requests(), t.calls]).toEqual([2, []])
})

test('refuse lets fetch and node:http fail, and nothing is sent', async () => {
  await using t = await setupWithWeb('refuse')
  const unit = t.engine.session(async () => {
    await insert(t)
    await expect(t.fetch()).rejects.toMatchObject({ cause: refused })
    await t.ask()
  })
  await expect(unit).rejects.toMatchObject(refused)
  expect([t.requests(), await ids(t)]).toEqual([0, []])
  expect(t.calls).toHaveLength(2)
})

test('a unit inside of an open transaction lets that one wait too', async () => {
  await using t = await setupWithWeb('refuse')
  await t.engine.session(async () => {
    await insert(t)
    const inner = t.engine.session(() => t.ask(), { propagation: 'new' })
    await expect(inner).rejects.toMatchObject(refused)
  })
})

test('where a request cannot be made to fail, COMMIT is refused', async () => {
  await using t = await setupWithWeb('refuse')
  const unit = t.engine.session(async (session) => {
    await insert(t)
    await session
      .savepoint(async () => {
        diagnostics.channel(CHANNEL).publish({ request: { method: 'GET', origin: 'http://far' } })
        throw new Error('undo')
      })
      .catch(() => {})
  })
  await expect(unit).rejects.toMatchObject(refused)
  expect(await ids(t)).toEqual([])
})

test('nothing is subscribed to between transactions, nor where it is allowed', async () => {
  await using t = await setupWithWeb('refuse')
  await using lax = await setupWithWeb('allow')
  const subscribed = () => diagnostics.hasSubscribers(CHANNEL)
  const before = subscribed()
  const inside = await t.engine.session(async () => {
    await insert(t)
    return subscribed()
  })
  const allowed = await lax.engine.session(async () => {
    await insert(lax)
    await lax.fetch()
    return subscribed()
  })
  expect([before, inside, allowed, subscribed()]).toEqual([false, true, false, false])
  expect(lax.calls).toEqual([])
})

test('an engine that is closed watches no more, also if a unit has not ended', async () => {
  await using t = await setupWithWeb('refuse')
  const go = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  const unit = t.engine.session(async () => {
    await insert(t)
    begun.resolve()
    await go.promise
  })
  await begun.promise
  const closed = next(t.engine, 'close')
  await t.engine.close({ drainTimeoutMs: 0 })
  await closed
  expect(diagnostics.hasSubscribers(CHANNEL)).toBe(false)
  go.resolve()
  await unit.catch(() => {})
})

test("Kysely's own transactions are looked after too, and free again afterwards", async () => {
  await using t = await setupWithWeb('refuse')
  const unit = t.engine.db.transaction().execute(async () => {
    await t.fetch()
    await insert(t)
    await t.fetch()
  })
  await expect(unit).rejects.toMatchObject({ cause: refused })
  const doomed = t.engine.db.transaction().execute(async () => {
    await insert(t)
    diagnostics.channel(CHANNEL).publish({ request: { origin: `http://${t.host}` } })
  })
  await expect(doomed).rejects.toMatchObject(refused)
  await t.fetch()
  expect([t.requests(), await ids(t)]).toEqual([2, []])
  expect(diagnostics.channel(CHANNEL).hasSubscribers).toBe(false)
})
