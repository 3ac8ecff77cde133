import { Kysely, PostgresDialect, sql } from 'kysely'
import type pg from 'pg'
import { describe, expect, test } from 'vitest'
import { createPool, type PgClient } from '../src/index.ts'
import { makers, pgWorld } from './pg-world.ts'

const events = ['connect', 'acquire', 'release', 'remove'] as const

describe.each(makers)('%s', (_name, make) => {
  test('connect, acquire, release and remove come in this order, with the client', async () => {
    await using t = await pgWorld(make, { max: 1 })
    const seen: unknown[] = []
    const clients = new Set<unknown>()
    for (const event of events) {
      t.pool.on(event as 'connect', (...args: unknown[]) => {
        seen.push(event)
        clients.add(args.at(-1))
      })
    }
    const client = await t.pool.connect()
    client.release(true)
    await expect.poll(() => seen).toEqual(events)
    expect([...clients]).toEqual([client])
  })

  test('pool.query() is seen as connect, query and release', async () => {
    await using t = await pgWorld(make, { max: 1 })
    const seen: string[] = []
    for (const event of events) t.pool.on(event as 'connect', () => seen.push(event))
    await t.pool.query('select 1')
    await t.pool.query('select 1')
    expect(seen).toEqual(['connect', 'acquire', 'release', 'acquire', 'release'])
  })

  test('what a listener of connect sends comes first and stays for the connection', async () => {
    await using t = await pgWorld(make, { max: 1 })
    const set: Promise<unknown>[] = []
    t.pool.on('connect', (client) => set.push(client.query("set search_path to 'pg_catalog'")))
    const pids = new Set()
    for (let n = 0; n < 3; n += 1) {
      const { rows } = await t.pool.query(
        "select pg_backend_pid() as pid, current_setting('search_path') as path",
      )
      expect(rows[0].path).toBe('pg_catalog')
      pids.add(rows[0].pid)
    }
    expect(set).toHaveLength(1)
    expect(pids.size).toBe(1)
  })

  test('a connection has one client while it lives, and what listens to it hears every holder', async () => {
    await using t = await pgWorld(make, { max: 1 })
    const heard: unknown[] = []
    t.pool.on('connect', (client) => client.on('notice', ({ message }) => heard.push(message)))
    const clients = new Set<unknown>()
    for (const word of ['low', 'high']) {
      const client = await t.pool.connect()
      clients.add(client)
      await client.query(`create table if not exists fruits (${word} int)`)
      client.release()
    }
    expect(clients.size).toBe(1)
    expect(heard).toHaveLength(2)
    const client = await t.pool.connect()
    client.release(true)
    const another = await t.pool.connect()
    expect(another).not.toBe(client)
    another.release()
  })

  test("kysely's onCreateConnection runs once for each connection", async () => {
    await using t = await pgWorld(make, { max: 2 })
    const created: unknown[] = []
    const dialect = new PostgresDialect({
      pool: t.pool,
      onCreateConnection: async (connection) => void created.push(connection),
    })
    const db = new Kysely<Record<string, never>>({ dialect })
    const pids = new Set<number>()
    const run = async () => {
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db)
      pids.add(rows[0]?.pid ?? 0)
    }
    for (let n = 0; n < 3; n += 1) await Promise.all([run(), run()])
    expect(created).toHaveLength(pids.size)
  })

  test('an idle connection that breaks is an error of the pool, with its client', async () => {
    await using t = await pgWorld(make)
    const client = (await t.pool.connect()) as pg.PoolClient & { processID: number }
    client.release()
    const ended = new Promise<void>((resolve) => client.once('end', resolve))
    const failed = new Promise<unknown[]>((resolve) =>
      t.pool.once('error', (...args) => resolve(args)),
    )
    await t.witness('select pg_terminate_backend($1)', [client.processID])
    const [error, broken] = await failed
    expect(error).toBeInstanceOf(Error)
    expect(broken).toBe(client)
    await ended
    expect((await t.pool.query('select 1 as n')).rows).toEqual([{ n: 1 }])
  })

  test('a held connection that breaks is an error of its client, and its statement rejects', async () => {
    await using t = await pgWorld(make)
    const poolErrors: unknown[] = []
    t.pool.on('error', (error) => poolErrors.push(error))
    const client = (await t.pool.connect()) as pg.PoolClient & { processID: number }
    const failed = new Promise((resolve) => client.once('error', resolve))
    const ended = new Promise<void>((resolve) => client.once('end', resolve))
    const running = expect(client.query('select pg_sleep(60)')).rejects.toThrow()
    const sleeping = () =>
      t.witness("select from pg_stat_activity where pid = $1 and query = 'select pg_sleep(60)'", [
        client.processID,
      ])
    await expect.poll(sleeping).toHaveLength(1)
    await t.witness('select pg_terminate_backend($1)', [client.processID])
    await running
    expect(await failed).toBeInstanceOf(Error)
    await ended
    client.release(true)
    expect(poolErrors).toEqual([])
  })
})

test('a broken connection ends no process that listens to nothing', async () => {
  await using t = await pgWorld((config) => createPool(config as object) as unknown as pg.Pool)
  const pool = t.pool as unknown as ReturnType<typeof createPool>
  const idle = await pool.connect()
  const held = await pool.connect()
  idle.release()
  await t.witness('select pg_terminate_backend(unnest($1::int[]))', [
    [idle.processID, held.processID],
  ])
  await expect.poll(() => pool.idleCount).toBe(0)
  held.release()
  expect((await pool.query('select 1 as n')).rows).toEqual([{ n: 1 }])
})

test('a client that was given back runs nothing until its connection is lent again', async () => {
  await using t = await pgWorld((config) => createPool(config as object) as unknown as pg.Pool, {
    max: 1,
  })
  const client = await t.pool.connect()
  client.release()
  await expect(client.query('select 1')).rejects.toMatchObject({ code: 'LEASE_RELEASED' })
  expect(() => client.release()).toThrow(/already been released/)
  expect(await t.pool.connect()).toBe(client)
  expect((await client.query('select 1 as n')).rows).toEqual([{ n: 1 }])
  client.release()
})

test('the release of a callback ends its own checkout and no later one', async () => {
  await using t = await pgWorld((config) => createPool(config as object) as unknown as pg.Pool, {
    max: 1,
  })
  const done = await new Promise<() => void>((resolve) => {
    t.pool.connect((_error, _client, release) => resolve(release))
  })
  done()
  const client = await t.pool.connect()
  expect(done).toThrow(/already been released/)
  expect((await client.query('select 1 as n')).rows).toEqual([{ n: 1 }])
  client.release()
})

test('a client that comes back inside a transaction or with its own settings is not lent again', async () => {
  await using t = await pgWorld((config) => createPool(config as object) as unknown as pg.Pool, {
    max: 1,
  })
  const pool = t.pool as unknown as ReturnType<typeof createPool>
  const pids = new Set<number>()
  const borrow = async (leave: (client: PgClient) => Promise<unknown>) => {
    const client = await pool.connect()
    pids.add(client.processID)
    await leave(client)
    client.release()
  }
  await borrow((client) => client.query('begin'))
  await borrow((client) => client.query("set work_mem = '1MB'"))
  await borrow((client) => client.query('select 1'))
  await borrow((client) => client.query('select 1'))
  expect(pids.size).toBe(3)
})
