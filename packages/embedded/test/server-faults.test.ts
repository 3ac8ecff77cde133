import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import pg from 'pg'
import { expect, test } from 'vitest'
import { type EmbeddedServer, startServer, temporaryServer } from '../src/index.ts'
import { commandOf } from '../src/process-identity.ts'
import { openFolder } from './folder.ts'
import { sql } from './sql.ts'

/** A connection whose end is told by `closed`, with the error that the server or the system gave. */
async function openClient(url: string): Promise<{ client: pg.Client; closed: Promise<unknown> }> {
  const client = new pg.Client(url)
  const closed = new Promise((resolve) => client.on('error', resolve))
  await client.connect()
  return { client, closed }
}

async function statesOf(server: EmbeddedServer): Promise<string[]> {
  const children = await readFile(`/proc/${server.pid}/task/${server.pid}/children`, 'utf8')
  const pids = [String(server.pid), ...children.trim().split(' ')]
  return Promise.all(
    pids.map(
      async (pid) => /State:\t(\w)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))![1]!,
    ),
  )
}

test('a frozen server accepts a connection, answers nothing, and goes on when it is thawed', async () => {
  await using server = await temporaryServer()
  const { client } = await openClient(server.url)
  await server.freeze()

  let answered = false
  const answer = client.query('select 1 as n').then(({ rows }) => {
    answered = true
    return rows
  })
  const socket = connect(server.port, '127.0.0.1')
  await once(socket, 'connect')
  socket.destroy()
  expect(answered).toBe(false)
  await server.thaw()

  expect(await answer).toEqual([{ n: 1 }])
  await client.end()
})

test.skipIf(process.platform !== 'linux')(
  'every process of a frozen server stands still, those of its connections too',
  async () => {
    await using server = await temporaryServer()
    const { client, closed } = await openClient(server.url)

    await server.freeze()

    const states = await statesOf(server)
    expect(states.length).toBeGreaterThan(3)
    expect(new Set(states)).toEqual(new Set(['T']))
    await server.thaw()
    expect(await statesOf(server)).not.toContain('T')
    await server.stop()
    expect(await closed).toMatchObject({ code: '57P01' })
    await client.end()
  },
)

test.each(['stop', 'kill'] as const)('%s of a frozen server leaves nothing behind', async (end) => {
  const server = await temporaryServer()
  const { client, closed } = await openClient(server.url)
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  await server.freeze()

  await server[end]()

  await closed
  expect(existsSync(dirname(server.dataDir))).toBe(false)
  expect(await commandOf(server.pid)).toBeUndefined()
  expect(await commandOf(rows[0]!.pid)).toBeUndefined()
})

test.each(['fast', 'immediate', 'kill'] as const)(
  'a restart (%s) keeps data, port and settings, and cuts the connections',
  async (mode) => {
    const settings = { work_mem: '7MB', synchronous_commit: 'on' }
    await using server = await temporaryServer({ settings })
    await sql(server.url, 'create table t as select 7 as n')
    const { url, pid } = server
    const { closed } = await openClient(url)

    await server.restart({ mode })

    await closed
    expect(server.url).toBe(url)
    expect(server.pid).not.toBe(pid)
    expect(await sql(url, 'select n from t')).toEqual([{ n: 7 }])
    expect(await sql(url, 'show work_mem')).toEqual([{ work_mem: '7MB' }])
    const log = await readFile(server.logFile, 'utf8')
    expect(log.includes('automatic recovery in progress')).toBe(mode !== 'fast')
  },
)

test('a server that keeps its data is restarted with its password', async () => {
  await using folder = await openFolder()
  await using server = await startServer({ dataDir: join(folder.path, 'pg'), database: 'shop' })
  await sql(server.url, 'create table t as select 7 as n')

  await server.restart()

  expect(await sql(server.url, 'select n from t')).toEqual([{ n: 7 }])
})

test('a frozen server is restarted', async () => {
  await using server = await temporaryServer()
  await server.freeze()

  await server.restart()

  expect(await sql(server.url, 'select 1 as n')).toEqual([{ n: 1 }])
  expect(await readFile(server.logFile, 'utf8')).not.toContain('automatic recovery in progress')
})

test('a server that is down refuses connections until it is up', async () => {
  await using server = await temporaryServer()
  await sql(server.url, 'create table t as select 7 as n')

  await server.down()

  await expect(sql(server.url, 'select 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  await server.up()
  expect(await sql(server.url, 'select n from t')).toEqual([{ n: 7 }])
})

test('a restart is no end, and the end that follows it is told', async () => {
  const server = await temporaryServer()
  const told: string[] = []
  const exited = server.exited.then(() => told.push('exited'))

  await server.restart()
  told.push('restarted')
  await server.stop()

  await exited
  expect(told).toEqual(['restarted', 'exited'])
})

test('the end of a restarted server that nobody asked for is told', async () => {
  await using server = await temporaryServer()
  await server.restart()

  process.kill(server.pid, 'SIGQUIT')

  await server.exited
  await expect(server.restart()).rejects.toMatchObject({ code: 'NOT_RUNNING' })
})

test('a server that is disposed during its restart is gone', async () => {
  const server = await temporaryServer()

  const restarted = server.restart()
  await server.stop()

  await restarted
  expect(existsSync(dirname(server.dataDir))).toBe(false)
  await expect(sql(server.url, 'select 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

test('a server that is down is stopped with its data', async () => {
  const server = await temporaryServer()
  await server.down()
  await expect(server.freeze()).rejects.toMatchObject({ code: 'NOT_RUNNING' })

  await server.stop()

  await server.exited
  expect(existsSync(dirname(server.dataDir))).toBe(false)
  await expect(server.up()).rejects.toMatchObject({ code: 'NOT_RUNNING' })
})
