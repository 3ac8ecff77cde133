import pg from 'pg'
import { expect, inject, test, vi } from 'vitest'
import { createTestDatabase, openFaultProxy } from '../src/index.ts'
import { sql } from './sql.ts'

async function setup() {
  const database = await createTestDatabase(inject('databaseUrl'))
  const proxy = await openFaultProxy({ target: database.url })
  const clients: pg.Client[] = []
  await sql(database.url, 'create table t (n int)')
  return {
    proxy,
    /** Around the proxy. */
    rows: () => sql(database.url, 'select n from t order by n'),
    async connect() {
      const client = new pg.Client(proxy.url)
      clients.push(client)
      client.on('error', () => undefined)
      await client.connect()
      return client
    },
    async [Symbol.asyncDispose]() {
      await proxy.close()
      await Promise.allSettled(clients.map((client) => client.end()))
      await database[Symbol.asyncDispose]()
    },
  }
}

const failure = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  )

test.each([
  ['cut after', [{ n: 1 }]],
  ['cut before', []],
  ['cut within', []],
] as const)('%s COMMIT: the client sees a reset, the server has %j', async (action, rows) => {
  await using t = await setup()
  const client = await t.connect()
  const match = { direction: 'toServer', message: 'Query', text: /^commit/i } as const
  const rule = t.proxy.when(match, action)
  await client.query('begin')
  await client.query('insert into t values (1)')

  const error = await failure(client.query('COMMIT'))

  expect(error).toMatchObject({ code: 'ECONNRESET' })
  expect(await rule.fired).toEqual({ connection: 1, text: 'COMMIT' })
  const backends = `select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`
  await vi.waitFor(async () => expect(await sqlCount(t.proxy.url, backends)).toBe(0), 20_000)
  expect(await t.rows()).toEqual(rows)
})

async function sqlCount(url: string, text: string): Promise<number> {
  return (await sql(url, text)).length
}

test('black hole after COMMIT: it takes effect, and the client never hears of it', async () => {
  await using t = await setup()
  const client = await t.connect()
  const rule = t.proxy.when(
    { direction: 'toServer', message: 'Query', text: /commit/ },
    'blackHole after',
  )
  await client.query('begin; insert into t values (1)')
  const told = vi.fn()

  client.query('commit').then(told, told)

  await rule.fired
  await vi.waitFor(async () => expect(await t.rows()).toEqual([{ n: 1 }]))
  await vi.waitFor(() => expect(t.proxy.stats().bytesLost).toBeGreaterThan(0))
  expect(told).not.toHaveBeenCalled()
})

test('cut before CommandComplete: the server has done it, the client has no answer', async () => {
  await using t = await setup()
  const client = await t.connect()
  t.proxy.when({ direction: 'toClient', message: 'CommandComplete', text: /^INSERT/ }, 'cut before')

  const error = await failure(client.query('insert into t values (1)'))

  expect(error).toMatchObject({ code: 'ECONNRESET' })
  expect(await t.rows()).toEqual([{ n: 1 }])
})

test.each(['cut within', 'halfClose within', 'garbage after'] as const)(
  '%s the third row of a result is an error after two or three rows',
  async (action) => {
    await using t = await setup()
    const client = await t.connect()
    const rule = t.proxy.when({ direction: 'toClient', message: 'DataRow', nth: 3 }, action)
    const rows: unknown[] = []
    const query = new pg.Query('select generate_series(1, 5)')
    const failed = new Promise((resolve) => query.once('error', resolve))
    query.on('row', (row) => rows.push(row))

    client.query(query)

    expect(await failed).toBeInstanceOf(Error)
    await rule.fired
    expect(rows).toHaveLength(action === 'garbage after' ? 3 : 2)
  },
)

test('a held message waits with all behind it, and the server sees them when it is released', async () => {
  await using t = await setup()
  const client = await t.connect()
  const hold = t.proxy.when({ direction: 'toServer', message: 'Query', text: /insert/ }, 'hold')
  const inserted = client.query('insert into t values (1)')
  await hold.fired
  expect(await t.rows()).toEqual([])

  hold.release()

  await inserted
  expect(await t.rows()).toEqual([{ n: 1 }])
  await client.query('insert into t values (2)')
  expect(hold.times).toBe(1)
})

test('a held answer reaches the client when it is released', async () => {
  await using t = await setup()
  const client = await t.connect()
  const hold = t.proxy.when({ direction: 'toClient', message: 'ReadyForQuery' }, 'hold')
  const inserted = client.query('insert into t values (1)')
  await hold.fired
  expect(await t.rows()).toEqual([{ n: 1 }])

  hold.release()

  expect(await inserted).toMatchObject({ rowCount: 1 })
})

test('a prepared statement is known by its text when it is bound and executed', async () => {
  await using t = await setup()
  const client = await t.connect()
  const named = { name: 'add', text: 'insert into t values ($1)' }
  await client.query({ ...named, values: [1] })
  t.proxy.when({ direction: 'toServer', message: 'Execute', text: /insert/ }, 'cut before')

  const error = await failure(client.query({ ...named, values: [2] }))

  expect(error).toMatchObject({ code: 'ECONNRESET' })
  expect(await t.rows()).toEqual([{ n: 1 }])
})

test('a rule fires once, unless it is told to go on', async () => {
  await using t = await setup()
  const client = await t.connect()
  const match = { direction: 'toServer', message: 'Query' } as const
  const once = t.proxy.when({ ...match, text: /1/g }, 'pass')
  const always = t.proxy.when({ ...match, text: /2/g, once: false, nth: 2 }, 'pass')

  for (const n of [1, 1, 2, 2, 2]) await client.query(`select ${n}`)

  expect([once.times, always.times]).toEqual([1, 2])
})

test('a rule that is taken back does nothing', async () => {
  await using t = await setup()
  const client = await t.connect()
  const rule = t.proxy.when({ direction: 'toServer', message: 'Query' }, 'cut before')

  rule.cancel()

  expect((await client.query('select 1 as n')).rows).toEqual([{ n: 1 }])
})

test('a recording shows the messages both ways, without parameters and passwords', async () => {
  await using t = await setup()
  const client = await t.connect()
  using recording = t.proxy.record()

  await client.query('begin')
  await client.query('insert into t values ($1), (2)', [1])
  await client.query('select n from t')
  const end = t.proxy.when({ direction: 'toClient', message: 'ReadyForQuery' }, 'pass')
  await failure(client.query('selec'))
  await end.fired

  expect(recording.lines()).toEqual([
    '> Query begin',
    '< CommandComplete BEGIN',
    '< ReadyForQuery T',
    '> Parse insert into t values ($1), (2)',
    '> Bind insert into t values ($1), (2)',
    '> Describe',
    '> Execute insert into t values ($1), (2)',
    '> Sync',
    '< ParseComplete',
    '< BindComplete',
    '< NoData',
    '< CommandComplete INSERT 0 2',
    '< ReadyForQuery T',
    '> Query select n from t',
    '< RowDescription',
    '< DataRow x2',
    '< CommandComplete SELECT 2',
    '< ReadyForQuery T',
    '> Query selec',
    '< ErrorResponse 42601 syntax error at or near "selec"',
    '< ReadyForQuery E',
  ])
  expect(recording.counts).toEqual({ flights: 4, roundTrips: 4, statements: 4 })
})

test('flights that are on their way together are one round trip', async () => {
  await using t = await setup()
  const client = await t.connect()
  const hold = t.proxy.when({ direction: 'toServer', message: 'Query' }, 'hold')
  using recording = t.proxy.record()

  // The driver queues, so the second one is written past it.
  const both = [client.query('select 1')]
  await hold.fired
  const raw = (client as unknown as { connection: { query(text: string): void } }).connection
  raw.query('select 2')
  await vi.waitFor(() => expect(recording.lines()).toContain('> Query select 2'))
  hold.release()
  await Promise.all(both)

  expect(recording.counts).toEqual({ flights: 2, roundTrips: 1, statements: 2 })
})

test('a recording that is stopped or cleared keeps no more than it is told', async () => {
  await using t = await setup()
  const client = await t.connect()
  const recording = t.proxy.record()
  await client.query('select 1')
  recording.clear()
  await client.query('select 2')

  recording.stop()
  await client.query('select 3')

  expect(recording.lines(1).filter((line) => line.startsWith('>'))).toEqual(['> Query select 2'])
  expect(t.proxy.stats()).toMatchObject({ open: 1, opened: 1, flights: 3, statements: 3 })
})
