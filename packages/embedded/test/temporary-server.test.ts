import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { dirname } from 'node:path'
import { connect as connectTls } from 'node:tls'
import pg from 'pg'
import { expect, test } from 'vitest'
import { temporaryServer } from '../src/index.ts'
import { sql } from './sql.ts'

test('a temporary server leaves nothing behind when it is stopped', async () => {
  const server = await temporaryServer()
  expect(await sql(server.url, 'show fsync')).toEqual([{ fsync: 'off' }])

  await server.stop()

  expect(existsSync(dirname(server.dataDir))).toBe(false)
})

test('a temporary server leaves nothing behind when it is killed', async () => {
  const server = await temporaryServer({ settings: { work_mem: '9MB' } })
  expect(await sql(server.url, 'show work_mem')).toEqual([{ work_mem: '9MB' }])

  await server.kill()

  expect(existsSync(dirname(server.dataDir))).toBe(false)
})

test('databases are made and dropped by name', async () => {
  await using server = await temporaryServer()
  const url = await server.createDatabase('Odd "name"')
  expect(await sql(url, 'select current_database() as name')).toEqual([{ name: 'Odd "name"' }])

  await server.dropDatabase('Odd "name"')
  await server.dropDatabase('Odd "name"')

  await expect(sql(url, 'select 1')).rejects.toMatchObject({ code: '3D000' })
})

test('with tls a client that trusts its certificate is encrypted, and others still get in', async () => {
  await using server = await temporaryServer({ tls: true })
  const text = 'select ssl from pg_stat_ssl where pid = pg_backend_pid()'
  const client = new pg.Client({ connectionString: server.url, ssl: { ca: server.ca as string } })
  await client.connect()

  expect((await client.query(text)).rows).toEqual([{ ssl: true }])
  expect(await sql(server.url, text)).toEqual([{ ssl: false }])
  await client.end()
})

test('with tls the certificate of another server is not trusted', async () => {
  await using server = await temporaryServer({ tls: true })
  await using other = await temporaryServer({ tls: true })
  const client = new pg.Client({ connectionString: server.url, ssl: { ca: other.ca as string } })

  await expect(client.connect()).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
})

test('a CancelRequest over tls ends the statement', async () => {
  await using server = await temporaryServer({ tls: true })
  const ca = server.ca as string
  const client = new pg.Client({ connectionString: server.url, ssl: { ca } })
  await client.connect()
  const { processID, secretKey } = client as unknown as Record<'processID' | 'secretKey', number>
  const text = 'select pg_sleep(60)'
  const statement = client.query(text).catch((error: unknown) => error)
  const running = `select from pg_stat_activity where query = '${text}' and state = 'active'`
  while ((await sql(server.url, running)).length === 0);

  const plain = connect(server.port, '127.0.0.1')
  plain.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]))
  expect(String((await once(plain, 'data'))[0])).toBe('S')
  const encrypted = connectTls({ socket: plain, host: 'localhost', ca })
  const request = Buffer.alloc(16)
  for (const [at, value] of [16, 80_877_102, processID, secretKey].entries()) {
    request.writeInt32BE(value as number, at * 4)
  }
  encrypted.end(request)

  expect(await statement).toMatchObject({ code: '57014' })
  await client.end()
})

test('with a Unix socket it is reached through a file, before and after a restart', async () => {
  await using server = await temporaryServer({ unixSocket: true })
  const text = 'select inet_server_addr() is null as local'
  expect(await sql(server.socketUrl as string, text)).toEqual([{ local: true }])

  await server.restart()

  expect(await sql(server.socketUrl as string, text)).toEqual([{ local: true }])
  expect(await sql(server.url, text)).toEqual([{ local: false }])
})
