import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { createTestDatabase, temporaryServer } from '@aquifer/embedded'
import { expect, inject, test } from 'vitest'
import { createPool, type PoolOptions } from '../src/index.ts'

const settingsOf = async (pool: ReturnType<typeof createPool>) => {
  const { rows } = await pool.query(
    `select current_setting('application_name') as name, current_setting('statement_timeout') as statement,
      current_setting('lock_timeout') as lock, current_setting('idle_in_transaction_session_timeout') as idle`,
  )
  return rows[0]
}

test('an address alone is enough; what is not stated is as in the preset api', async () => {
  await using database = await createTestDatabase(inject('databaseUrl'))
  await using pool = createPool({ url: database.url })
  expect(await settingsOf(pool)).toMatchObject({ statement: '5s', lock: '2s', idle: '10s' })
  expect(pool.options).toEqual({ max: 60, min: 0 })
})

test('our own settings and the options of pg.Pool come to the same', async () => {
  await using database = await createTestDatabase(inject('databaseUrl'))
  await using own = createPool({
    url: database.url,
    applicationName: 'shop',
    size: 3,
    overflow: 0,
    statementTimeoutMs: 700,
    lockTimeoutMs: 300,
    idleInTransactionTimeoutMs: 900,
  })
  await using theirs = createPool({
    connectionString: database.url,
    application_name: 'shop',
    max: 3,
    statement_timeout: 700,
    lock_timeout: 300,
    idle_in_transaction_session_timeout: 900,
  })
  const expected = { name: 'shop', statement: '700ms', lock: '300ms', idle: '900ms' }
  for (const pool of [own, theirs]) {
    expect(await settingsOf(pool)).toEqual(expected)
    expect(pool.options).toEqual({ max: 3, min: 0 })
  }
})

test('an address in parts, with a password that is a text or a function', async () => {
  await using database = await createTestDatabase(inject('databaseUrl'))
  const { hostname: host, port, username, password, pathname } = new URL(database.url)
  const parts = { host, port: Number(port), user: username, database: pathname.slice(1) }
  for (const secret of [password, () => password, async () => password]) {
    await using pool = createPool({ ...parts, password: secret })
    const { rows } = await pool.query('select current_database() as name')
    expect(rows).toEqual([{ name: parts.database }])
  }
})

test('a host that begins with / is the folder of a Unix socket', async () => {
  await using server = await temporaryServer({ unixSocket: true })
  const host = new URL(server.socketUrl ?? '').searchParams.get('host') ?? ''
  await using pool = createPool({ host, port: server.port, user: 'postgres', database: 'postgres' })
  const { rows } = await pool.query('select inet_client_addr() as address')
  expect(rows).toEqual([{ address: null }])
})

test('limits in the URL hold, and 0 leaves a limit to the server', async () => {
  await using database = await createTestDatabase(inject('databaseUrl'))
  const url = `${database.url}?statement_timeout=4000&application_name=from-url`
  await using pool = createPool({ connectionString: url, lock_timeout: 0 })
  expect(await settingsOf(pool)).toMatchObject({ name: 'from-url', statement: '4s', lock: '0' })
  await using unlimited = createPool({ url: database.url, statement_timeout: 0 })
  expect(await settingsOf(unlimited)).toMatchObject({ statement: '0', lock: '2s' })
})

test('a limit that nobody stated gives way to one that is', async () => {
  await using database = await createTestDatabase(inject('databaseUrl'))
  await using short = createPool({ url: database.url, statement_timeout: 1_000 })
  expect(await settingsOf(short)).toMatchObject({ statement: '1s', lock: '500ms' })
  await using patient = createPool({ url: database.url, lock_timeout: 20_000 })
  expect(await settingsOf(patient)).toMatchObject({ statement: '40s', lock: '20s' })
})

test('connectionTimeoutMillis bounds the wait, maxUses and min count', async () => {
  await using database = await createTestDatabase(inject('databaseUrl'))
  const options = { connectionTimeoutMillis: 20, max: 2, min: 2, maxUses: 1 }
  await using pool = createPool({ connectionString: database.url, ...options })
  const held = [await pool.connect(), await pool.connect()]
  await expect(pool.connect()).rejects.toMatchObject({ code: 'POOL_ACQUIRE_TIMEOUT' })
  const used = held.map(({ processID }) => processID)
  for (const client of held) client.release()
  await expect.poll(() => pool.idleCount).toBe(2)
  const next = await pool.connect()
  expect(used).not.toContain(next.processID)
  next.release()
})

test('idleTimeoutMillis and maxLifetimeSeconds close what is idle or old', async () => {
  await using database = await createTestDatabase(inject('databaseUrl'))
  await using idle = createPool({ connectionString: database.url, idleTimeoutMillis: 20 })
  await using old = createPool({ connectionString: database.url, maxLifetimeSeconds: 0.02 })
  for (const pool of [idle, old]) {
    await pool.query('select 1')
    await expect.poll(() => pool.totalCount).toBe(0)
  }
})

test.each<[Record<string, unknown>, string[]]>([
  [{}, ['url', 'connectionString', 'host']],
  [{ url: 'mysql://x/y' }, ['url', 'postgres://']],
  [{ url: 'postgres://x/y', connectionString: 'postgres://x/z' }, ['url', 'connectionString']],
  [{ url: 'postgres://x/y', host: 'z' }, ['host', 'url']],
  [{ url: 'postgres://x/y', max: 3, size: 4 }, ['max', 'size']],
  [{ url: 'postgres://x/y', max: 3, overflow: 4 }, ['max', 'overflow']],
  [{ url: 'postgres://x/y', ssl: true, tls: 'off' }, ['ssl', 'tls']],
  [
    { url: 'postgres://x/y?lock_timeout=5', lockTimeoutMs: 6 },
    ['lock_timeout of the URL', 'lockTimeoutMs'],
  ],
  [{ url: 'postgres://x/y', query_timeout: 5 }, ['query_timeout']],
  [{ url: 'postgres://x/y', multiplex: { connections: 1 } }, ['multiplex']],
  [{ url: 'postgres://x/y', max: 2, min: 3 }, ['minimum', 'size']],
  [{ url: 'postgres://x/y', max: '2' }, ['size']],
  [{ url: 'postgres://x/y', statement_timeout: -1 }, ['statementTimeoutMs']],
  [{ url: 'postgres://x/y', ssl: 'require' }, ['tls']],
  [{ url: 'postgres://x/y', password: 7 }, ['password']],
  [{ host: 'a b', database: 'y' }, ['host']],
  [{ host: 'x', port: 70_000 }, ['port']],
])('%o is refused by name', (options, named) => {
  const create = () => createPool(options as PoolOptions)
  expect(create).toThrow(expect.objectContaining({ code: 'POOL_OPTIONS_INVALID', kind: 'usage' }))
  for (const name of named) expect(create).toThrow(name)
})

test('no message of a refusal holds the password', () => {
  const secret = { url: 'postgres://me:secret-word@x/y', connectionString: 'postgres://x/z' }
  expect(() => createPool(secret)).toThrow(expect.not.stringContaining('secret-word'))
})

test('with allowExitOnIdle a process ends although its pool is open', async () => {
  await using database = await createTestDatabase(inject('databaseUrl'))
  const program = `
    import { createPool } from ${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)}
    const pool = createPool({ url: ${JSON.stringify(database.url)}, allowExitOnIdle: true })
    for (let n = 0; n < 2; n += 1) await pool.query('select pg_sleep(0.01)')
    console.log(pool.idleCount)`
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '-e',
    program,
  ])
  expect(stdout).toBe('1\n')
})
