import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import pg from 'pg'
import { expect, inject, test, vi } from 'vitest'
import { type FaultProxy, openFaultProxy, temporaryServer } from '../src/index.ts'

interface World extends AsyncDisposable {
  proxy: FaultProxy
  /** Connects through the proxy; `broken` resolves with the error of the connection. */
  connect(): Promise<{ client: pg.Client; broken: Promise<unknown> }>
}

async function setup(): Promise<World> {
  const proxy = await openFaultProxy({ target: inject('databaseUrl') })
  const clients: pg.Client[] = []
  return {
    proxy,
    async connect() {
      const client = new pg.Client(proxy.url)
      clients.push(client)
      const broken = new Promise((resolve) => client.on('error', resolve))
      await client.connect()
      return { client, broken }
    },
    async [Symbol.asyncDispose]() {
      await proxy.close()
      await Promise.allSettled(clients.map((client) => client.end()))
    },
  }
}

/** A server of bytes behind a proxy, and one client of it: what either side writes can be seen on the other. */
async function setupBytes() {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const proxy = await openFaultProxy({ target: `postgres://me@127.0.0.1:${port}/db` })
  const accepted = once(server, 'connection') as Promise<[Socket]>
  const client = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true })
  const [peer] = await accepted
  // No start of a session: what follows passes as bytes.
  client.write('GET / HTTP/1.1')
  await once(peer, 'data')
  return {
    proxy,
    client,
    peer,
    async [Symbol.asyncDispose]() {
      client.destroy()
      peer.destroy()
      await proxy.close()
      server.close()
    },
  }
}

async function first<Event>(emitter: Socket | pg.Client, name: string): Promise<Event> {
  const [event] = (await once(emitter as Socket, name)) as [Event]
  return event
}

const sleeping = `select count(*)::int as n from pg_stat_activity where query = $1 and state = 'active'`

test('a session works through the proxy as without it', async () => {
  await using t = await setup()
  const { client } = await t.connect()

  const { rows } = await client.query('select $1::text as word', ['hello'])
  await client.end()

  expect(rows).toEqual([{ word: 'hello' }])
  expect(t.proxy.url).toBe(inject('databaseUrl').replace(/@[^/]+/, `@127.0.0.1:${t.proxy.port}`))
})

test('ten megabytes of rows arrive as they were sent', async () => {
  await using t = await setup()
  const { client } = await t.connect()

  const { rows } = await client.query(
    `select n, repeat(md5(n::text), 32) as text from generate_series(1, 10000) n`,
  )

  const { rows: sums } = await client.query(
    `select md5(string_agg(repeat(md5(n::text), 32), '' order by n)) as sum from generate_series(1, 10000) n`,
  )
  const { rows: again } = await client.query('select md5($1) as sum', [
    rows.map(({ text }) => text).join(''),
  ])
  expect(again).toEqual(sums)
})

test('cut resets the open connections, and the next one works', async () => {
  await using t = await setup()
  const { client, broken } = await t.connect()
  const statement = client.query('select pg_sleep(60)').catch((error: unknown) => error)

  t.proxy.cut()

  expect(await statement).toMatchObject({ code: 'ECONNRESET' })
  await broken
  const next = await t.connect()
  expect((await next.client.query('select 1 as n')).rows).toEqual([{ n: 1 }])
})

test('the server receives what was sent before a cut, and then the end', async () => {
  await using t = await setupBytes()
  const seen: string[] = []
  t.peer.on('data', (bytes) => seen.push(String(bytes)))
  t.client.on('error', () => undefined)
  t.client.write('before')
  await vi.waitFor(() => expect(t.proxy.stats().bytesToServer).toBe(20))

  t.proxy.cut()

  await once(t.peer, 'end')
  expect(seen.join('')).toBe('before')
})

test('a half-closed connection ends for the client, whose bytes still arrive', async () => {
  await using t = await setupBytes()
  const ended = once(t.client, 'end')
  t.client.resume()

  t.proxy.halfClose()
  await ended
  t.client.write('still here')

  expect(String(await first<Buffer>(t.peer, 'data'))).toBe('still here')
})

test('garbage in the stream is an error of the client', async () => {
  await using t = await setup()
  const { client, broken } = await t.connect()
  const statement = client.query('select pg_sleep(60)').catch((error: unknown) => error)

  t.proxy.garbage()

  expect(await statement).toBeInstanceOf(Error)
  expect(await Promise.race([broken, statement])).toMatchObject({
    message: expect.stringContaining('received invalid response'),
  })
})

test('in a black hole nothing arrives, and the connections after it work', async () => {
  await using t = await setup()
  const { client, broken } = await t.connect()

  t.proxy.blackHole({ future: false })
  const lost = client.query('create table lost ()').catch((error: unknown) => error)
  const next = await t.connect()
  const { rows } = await next.client.query(`select to_regclass('lost') as found`)

  expect(rows).toEqual([{ found: null }])
  t.proxy.cut()
  expect(await lost).toMatchObject({ code: 'ECONNRESET' })
  await broken
})

test('a connection that lost nothing in a black hole goes on when it is healed', async () => {
  await using t = await setup()
  const { client } = await t.connect()

  t.proxy.blackHole()
  await t.proxy.heal()

  expect((await client.query('select 1 as n')).rows).toEqual([{ n: 1 }])
})

test('a connection that lost bytes stays dead when the black hole is healed', async () => {
  await using t = await setupBytes()
  const seen: string[] = []
  t.peer.on('data', (bytes) => seen.push(String(bytes)))
  t.proxy.blackHole()
  t.client.write('lost')
  await vi.waitFor(() => expect(t.proxy.stats().bytesLost).toBe(4))
  await t.proxy.heal()

  t.client.write('after')

  await vi.waitFor(() => expect(t.proxy.stats().bytesLost).toBe(9))
  expect(seen).toEqual([])
})

test('the server does not hear of the end of a client in a black hole', async () => {
  await using t = await setupBytes()
  const closed = vi.fn()
  t.peer.on('error', closed).on('close', closed)
  t.proxy.blackHole({ future: false })

  t.client.resetAndDestroy()

  // What the proxy does on a later connection comes after what it does on this one.
  const later = connect(t.proxy.port, '127.0.0.1')
  later.end('GET / HTTP/1.1')
  later.resume()
  await vi.waitFor(() => expect(t.proxy.stats().bytesToServer).toBe(28))
  expect(closed).not.toHaveBeenCalled()
  later.destroy()
})

test('silentAccept takes connections and never answers, until it is healed', async () => {
  await using t = await setup()
  t.proxy.silentAccept()
  const client = new pg.Client({ connectionString: t.proxy.url, connectionTimeoutMillis: 100 })

  await expect(client.connect()).rejects.toThrow('timeout')

  await t.proxy.heal()
  expect(t.proxy.stats()).toMatchObject({ opened: 1, bytesToServer: 0 })
  await t.connect()
})

test('refuse turns new connections away and leaves the open ones alone', async () => {
  await using t = await setup()
  const { client } = await t.connect()
  const { port } = t.proxy

  t.proxy.refuse()

  await expect(t.connect()).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  expect((await client.query('select 1 as n')).rows).toEqual([{ n: 1 }])
  await t.proxy.heal()
  await t.connect()
  expect(t.proxy.port).toBe(port)
})

test('a delayed answer takes its time, whatever else is on its way', async () => {
  await using t = await setup()
  const { client } = await t.connect()
  t.proxy.delay(20)
  const startedAt = performance.now()

  const { rows } = await client.query('select 1 as n')

  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(40)
  expect(rows).toEqual([{ n: 1 }])
})

test('a delay of one direction that ends lets everything go in order', async () => {
  await using t = await setupBytes()
  t.proxy.delay(3_600_000, { direction: 'toServer' })
  t.client.write('one ')
  t.peer.write('seen at once')
  expect(String(await first<Buffer>(t.client, 'data'))).toBe('seen at once')
  t.client.end('two')

  await t.proxy.heal()

  const seen: string[] = []
  for await (const bytes of t.peer) seen.push(String(bytes))
  expect(seen.join('')).toBe('one two')
})

test('a throttled connection carries its bytes and no others', async () => {
  await using t = await setup()
  const { client } = await t.connect()
  t.proxy.throttle(100_000, { direction: 'toClient' })
  const startedAt = performance.now()

  const { rows } = await client.query(`select repeat('x', 20000) as text`)

  expect(rows[0]).toEqual({ text: 'x'.repeat(20_000) })
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(180)
})

test('a slow reader gets every byte', async () => {
  await using t = await setupBytes()
  const sent = randomBytes(32 * 1024 * 1024)
  t.peer.end(sent)
  const got: Buffer[] = []

  for await (const bytes of t.client) {
    got.push(bytes as Buffer)
    await new Promise((resolve) => setImmediate(resolve))
  }

  expect(Buffer.concat(got).equals(sent)).toBe(true)
})

test('a client is reset when the server cannot be reached', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  await using proxy = await openFaultProxy({ target: `postgres://me@127.0.0.1:${port}/db` })

  await expect(new pg.Client(proxy.url).connect()).rejects.toMatchObject({ code: 'ECONNRESET' })
})

test.each(['postgres://me@localhost/db?host=/run/postgresql', 'nowhere', '/run/postgresql'])(
  'the target %s is refused',
  async (target) => {
    await expect(openFaultProxy({ target })).rejects.toMatchObject({ code: 'PROXY_TARGET' })
  },
)

test('an encrypted connection passes unread, and can be cut', async () => {
  await using server = await temporaryServer({ tls: true })
  await using proxy = await openFaultProxy({ target: server.url })
  using recording = proxy.record()
  const ssl = { ca: server.ca as string }
  const client = new pg.Client({ connectionString: proxy.url, ssl })
  const broken = new Promise((resolve) => client.on('error', resolve))
  await client.connect()
  expect((await client.query('select 1 as n')).rows).toEqual([{ n: 1 }])

  proxy.cut()

  expect(await broken).toMatchObject({ code: 'ECONNRESET' })
  expect(recording.lines()).toEqual(['> SSLRequest', '< EncryptionResponse S'])
  expect(proxy.stats().statements).toBe(0)
})

test('a CancelRequest passes on its own connection', async () => {
  await using t = await setup()
  const { client } = await t.connect()
  const rule = t.proxy.when({ direction: 'toServer', message: 'CancelRequest' }, 'pass')
  const { processID, secretKey } = client as unknown as Record<'processID' | 'secretKey', number>
  const text = `select pg_sleep(60) /* ${t.proxy.port} */`
  const statement = client.query(text).catch((error: unknown) => error)
  const observer = await t.connect()
  while ((await observer.client.query(sleeping, [text])).rows[0]?.n !== 1);

  const canceller = new (pg as unknown as { Connection: new () => CancelConnection }).Connection()
  canceller.connect(t.proxy.port, '127.0.0.1')
  await once(canceller as never, 'connect')
  canceller.cancel(processID, secretKey)

  expect(await rule.fired).toMatchObject({ connection: 3 })
  expect(await statement).toMatchObject({ code: '57014' })
})

interface CancelConnection {
  connect(port: number, host: string): void
  cancel(processId: number, secretKey: number): void
}
