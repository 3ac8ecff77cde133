import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import pg from 'pg'
import { expect, test } from 'vitest'
import { spawnOptions } from '../src/account.ts'
import { freePort, startServer } from '../src/index.ts'
import { choosePlace } from '../src/place.ts'
import { openFolder } from './folder.ts'
import { sql } from './sql.ts'

test('a second start finds data, password and port of the first', async () => {
  await using folder = await openFolder()
  const dataDir = join(folder.path, 'pg')
  const first = await startServer({ dataDir, database: 'shop' })
  await sql(first.url, 'create table t as select 7 as n')
  await first.stop()

  await using second = await startServer({ dataDir, database: 'shop' })

  expect(second.url).toBe(first.url)
  expect(await sql(second.url, 'select n from t')).toEqual([{ n: 7 }])
})

test('nobody gets in without the password, which only the owner can read', async () => {
  await using folder = await openFolder()
  await using server = await startServer({ dataDir: join(folder.path, 'pg') })
  const guess = new URL(server.url)
  guess.password = 'guess'

  await expect(sql(guess.href, 'select 1')).rejects.toMatchObject({ code: '28P01' })
  expect((await stat(join(server.dataDir, 'aquifer.json'))).mode & 0o077).toBe(0)
})

test('a server listens on the loopback interface alone, and on no socket file', async () => {
  await using folder = await openFolder()
  await using server = await startServer({ dataDir: join(folder.path, 'pg') })

  const [row] = await sql(
    server.url,
    `select current_setting('listen_addresses') as host, current_setting('unix_socket_directories') as socket`,
  )

  expect(row).toEqual({ host: '127.0.0.1', socket: '' })
})

test('settings reach the server', async () => {
  await using folder = await openFolder()
  const settings = { work_mem: '7MB', max_connections: '33' }
  await using server = await startServer({ dataDir: join(folder.path, 'pg'), settings })

  expect(await sql(server.url, 'show work_mem')).toEqual([{ work_mem: '7MB' }])
  expect(await sql(server.url, 'show max_connections')).toEqual([{ max_connections: '33' }])
})

test('stop ends a server in spite of an open transaction, and may be called twice', async () => {
  await using folder = await openFolder()
  const server = await startServer({ dataDir: join(folder.path, 'pg') })
  const client = new pg.Client(server.url)
  client.on('error', () => undefined)
  await client.connect()
  await client.query('begin')

  await server.stop()
  await server.stop()

  await server.exited
  await expect(sql(server.url, 'select 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  expect(await readFile(server.logFile, 'utf8')).toContain('received fast shutdown request')
})

test('what was committed survives a kill of the server', async () => {
  await using folder = await openFolder()
  const dataDir = join(folder.path, 'pg')
  const killed = await startServer({ dataDir })
  await sql(killed.url, 'create table t as select 7 as n')
  await killed.kill()

  await using server = await startServer({ dataDir })

  expect(await sql(server.url, 'select n from t')).toEqual([{ n: 7 }])
})

test('a second start over the same data is refused and leaves the first alone', async () => {
  await using folder = await openFolder()
  const dataDir = join(folder.path, 'pg')
  await using server = await startServer({ dataDir })

  const second = startServer({ dataDir })

  await expect(second).rejects.toMatchObject({
    code: 'ALREADY_RUNNING',
    message: expect.stringContaining(`process ${server.pid}`),
  })
  expect(await sql(server.url, 'select 1 as n')).toEqual([{ n: 1 }])
})

test('of two starts at the same moment one wins and the other is refused', async () => {
  await using folder = await openFolder()
  const dataDir = join(folder.path, 'pg')

  const outcomes = await Promise.allSettled([startServer({ dataDir }), startServer({ dataDir })])

  const servers = outcomes.filter((one) => one.status === 'fulfilled').map((one) => one.value)
  const refusals = outcomes.filter((one) => one.status === 'rejected').map((one) => one.reason)
  expect(refusals).toMatchObject([{ code: 'ALREADY_RUNNING' }])
  expect(await sql(servers[0]?.url ?? '', 'select 1 as n')).toEqual([{ n: 1 }])
  await servers[0]?.stop()
})

test('a given port that is taken is named', async () => {
  await using folder = await openFolder()
  const port = await freePort()
  const other = createServer().listen(port, '127.0.0.1')
  await once(other, 'listening')

  const start = startServer({ dataDir: join(folder.path, 'pg'), port })

  await expect(start).rejects.toMatchObject({
    code: 'PORT_TAKEN',
    message: expect.stringContaining(String(port)),
  })
  other.close()
})

test('the port of the last start is given up when another program has it', async () => {
  await using folder = await openFolder()
  const dataDir = join(folder.path, 'pg')
  const first = await startServer({ dataDir })
  await first.stop()
  const other = createServer().listen(first.port, '127.0.0.1')
  await once(other, 'listening')

  await using second = await startServer({ dataDir })

  expect(second.port).not.toBe(first.port)
  expect(await sql(second.url, 'select 1 as n')).toEqual([{ n: 1 }])
  other.close()
})

test('an unfinished data directory of a killed start is cleared away', async () => {
  await using folder = await openFolder()
  const dataDir = join(folder.path, 'pg')
  const deadPid = 2 ** 22 + 1
  await mkdir(`${dataDir}.new-${deadPid}-abc/base`, { recursive: true })

  await using _server = await startServer({ dataDir })

  expect(await readdir(folder.path)).toEqual(['pg'])
})

test('a lock file that names an unrelated process is no obstacle', async () => {
  await using folder = await openFolder()
  const dataDir = join(folder.path, 'pg')
  const first = await startServer({ dataDir })
  await first.stop()
  const { account } = await choosePlace(dataDir)
  const other = spawn('sleep', ['600'], spawnOptions(account))
  await once(other, 'spawn')
  await writeFile(join(first.dataDir, 'postmaster.pid'), `${other.pid}\n${dataDir}\n`)

  await using server = await startServer({ dataDir })

  expect(await sql(server.url, 'select 1 as n')).toEqual([{ n: 1 }])
  other.kill()
})

test('data of another major version is refused by name', async () => {
  await using folder = await openFolder()
  const dataDir = join(folder.path, 'pg')
  const first = await startServer({ dataDir })
  await first.stop()
  await writeFile(join(first.dataDir, 'PG_VERSION'), '12\n')

  await expect(startServer({ dataDir })).rejects.toMatchObject({ code: 'DATA_DIR_VERSION' })
})

test('a server that does not start shows the end of its log', async () => {
  await using folder = await openFolder()
  const dataDir = join(folder.path, 'pg')

  const start = startServer({ dataDir, settings: { work_mem: 'plenty' } })

  await expect(start).rejects.toMatchObject({
    code: 'START_FAILED',
    message: expect.stringContaining('work_mem'),
  })
})
