import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import pg from 'pg'
import { describe, expect, inject, test } from 'vitest'
import { commandOf } from './process-identity.ts'
import { createTestDatabase } from './test-database.ts'
import { type TestPgBouncer, type TestPgBouncerOptions, testPgBouncer } from './test-pgbouncer.ts'

const probe = await testPgBouncer(inject('databaseUrl'))
await probe?.stop()

async function start(options?: TestPgBouncerOptions): Promise<TestPgBouncer> {
  return (await testPgBouncer(inject('databaseUrl'), options)) as TestPgBouncer
}

async function query(config: string | pg.ClientConfig, text: string): Promise<unknown[]> {
  const client = new pg.Client(config)
  client.on('error', () => undefined)
  try {
    await client.connect()
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

/** The folder that a command line or a log names. */
function folderIn(text: string | undefined): string {
  const found = /[^\s(]*aquifer-pgbouncer-\w+/.exec(text ?? '')
  if (!found) throw new Error(`no folder in ${text}`)
  return found[0]
}

describe.skipIf(!probe)('with a pgbouncer on this machine', () => {
  test('a database is reached by its name', async () => {
    await using bouncer = await start()
    await using database = await createTestDatabase(inject('databaseUrl'))

    const rows = await query(bouncer.url(database.name), 'select current_database() as name')

    expect(rows).toEqual([{ name: database.name }])
  })

  test('transactions of two clients share a server connection', async () => {
    await using bouncer = await start({ defaultPoolSize: 1 })
    const clients = [new pg.Client(bouncer.url()), new pg.Client(bouncer.url())]
    await Promise.all(clients.map((client) => client.connect()))

    const pids: unknown[] = []
    for (const client of clients) {
      pids.push((await client.query('select pg_backend_pid() as pid')).rows[0].pid)
    }

    expect(pids[0]).toBe(pids[1])
    await Promise.all(clients.map((client) => client.end()))
  })

  test('mode, limits and further settings reach it', async () => {
    await using bouncer = await start({
      poolMode: 'session',
      maxClientConn: 7,
      settings: { query_wait_timeout: '3' },
    })

    const shown = (await query(bouncer.url('pgbouncer'), 'show config')) as {
      key: string
      value: string
    }[]

    const values = Object.fromEntries(shown.map(({ key, value }) => [key, value]))
    expect(values).toMatchObject({
      pool_mode: 'session',
      max_client_conn: '7',
      query_wait_timeout: '3',
    })
  })

  test('with tls it takes encrypted clients alone, who trust its certificate', async () => {
    await using bouncer = await start({ tls: true })
    const ssl = { ca: bouncer.ca as string }

    await expect(query(bouncer.url(), 'select 1')).rejects.toThrow(/SSL|TLS/i)

    expect(await query({ connectionString: bouncer.url(), ssl }, 'select 1 as n')).toEqual([
      { n: 1 },
    ])
  })

  test.each(['stop', 'kill'] as const)('%s ends it under an open transaction', async (end) => {
    const bouncer = await start()
    const client = new pg.Client(bouncer.url())
    const broken = new Promise((resolve) => client.on('error', resolve))
    await client.connect()
    await client.query('begin')
    const folder = folderIn(await commandOf(bouncer.pid))

    await bouncer[end]()

    expect(await broken).toBeInstanceOf(Error)
    expect(await commandOf(bouncer.pid)).toBeUndefined()
    expect(existsSync(folder)).toBe(false)
    await expect(query(bouncer.url(), 'select 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  test.skipIf(process.getuid?.() !== 0)('as root it runs as an ordinary user', async () => {
    await using bouncer = await start()

    expect((await stat(`/proc/${bouncer.pid}`)).uid).not.toBe(0)
  })

  test('a setting that it does not take is named, and nothing is left behind', async () => {
    const failed = start({ settings: { pool_mode: 'sometimes' } })

    const error = (await failed.catch((reason: unknown) => reason)) as Error
    expect(error).toMatchObject({ code: 'START_FAILED' })
    expect(error.message).toContain('pool_mode')
    expect(existsSync(folderIn(error.message))).toBe(false)
  })
})
