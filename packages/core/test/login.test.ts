import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openFaultProxy, type TemporaryServer, temporaryServer } from '@aquifer/embedded'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createEngine, type Profile, presets } from '../src/index.ts'

/** Whoever is not the superuser has to say a password. */
const HBA = 'host all postgres all trust\nhost all all all scram-sha-256\n'
let folder: string
let server: TemporaryServer
let plain: TemporaryServer

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aquifer-login-'))
  await writeFile(join(folder, 'hba.conf'), HBA)
  await chmod(folder, 0o755)
  const settings = { hba_file: join(folder, 'hba.conf') }
  ;[server, plain] = await Promise.all([
    temporaryServer({ tls: true, settings }),
    temporaryServer(),
  ])
  await writeFile(join(folder, 'ca.pem'), server.ca ?? '')
})
afterAll(async () => {
  await Promise.all([server.stop(), plain.stop()])
  await rm(folder, { recursive: true })
})

/** The server's url under another name of this machine, user, password or with parameters. */
function urlOf(
  of: TemporaryServer,
  parts: { host?: string; user?: string; password?: string; query?: string },
): string {
  const url = new URL(of.url)
  if (parts.host !== undefined) url.hostname = parts.host
  if (parts.user !== undefined) url.username = parts.user
  if (parts.password !== undefined) url.password = parts.password
  url.search = parts.query ?? ''
  return url.href
}

const engineOf = (profile: Partial<Profile> & { url: string }) =>
  createEngine({
    profile: {
      ...presets.api,
      service: 'test',
      version: '0',
      size: 1,
      overflow: 0,
      drainTimeoutMs: 500,
      ...profile,
    },
  })

/** Whether the connection of the engine is encrypted, or the code of its failure. */
async function encrypted(profile: Partial<Profile> & { url: string }): Promise<unknown> {
  await using engine = engineOf(profile)
  try {
    const { rows } = await engine.pool.query(
      'select ssl from pg_stat_ssl where pid = pg_backend_pid()',
    )
    return rows[0]?.ssl
  } catch (error) {
    const { code, cause } = error as Error & { code: string; cause?: Error & { code?: string } }
    return [code, cause?.code ?? cause?.message]
  }
}

const SELF_SIGNED = ['CONNECTION_FAILED', 'DEPTH_ZERO_SELF_SIGNED_CERT']
const WRONG_NAME = ['CONNECTION_FAILED', 'ERR_TLS_CERT_ALTNAME_INVALID']
const NO_TLS = ['CONNECTION_FAILED', 'The server does not support SSL connections']
/** A name of loopback that does not look like one. */
const ELSEWHERE = '127.1'

test.each([
  ['localhost', false],
  ['127.0.0.1', false],
  [ELSEWHERE, SELF_SIGNED],
])('to %s, without a word about TLS: %o', async (host, expected) => {
  expect(await encrypted({ url: urlOf(server, { host }) })).toEqual(expected)
})

test('a server off loopback that has no TLS is not spoken to in the open', async () => {
  expect(await encrypted({ url: urlOf(plain, { host: ELSEWHERE }) })).toEqual(NO_TLS)
  expect(await encrypted({ url: urlOf(plain, { host: ELSEWHERE }), tls: 'off' })).toBe(false)
})

test('the setting tls decides, whatever the URL says', async () => {
  const ca = server.ca ?? ''
  const url = urlOf(server, { host: 'localhost', query: 'sslmode=disable' })
  expect(await encrypted({ url })).toBe(false)
  expect(await encrypted({ url, tls: 'verify-full' })).toEqual(SELF_SIGNED)
  expect(await encrypted({ url, tls: { ca } })).toBe(true)
  const checked = urlOf(server, { host: 'localhost', query: 'sslmode=verify-full' })
  expect(await encrypted({ url: checked, tls: 'off' })).toBe(false)
})

test('name and address are checked against the certificate', async () => {
  const ca = server.ca ?? ''
  expect(await encrypted({ url: urlOf(server, { host: '127.0.0.1' }), tls: { ca } })).toBe(true)
  expect(await encrypted({ url: urlOf(server, { host: ELSEWHERE }), tls: { ca } })).toEqual(
    WRONG_NAME,
  )
})

test('sslmode and its files in the URL are followed', async () => {
  const file = encodeURIComponent(join(folder, 'ca.pem'))
  const url = (query: string, host = 'localhost') => urlOf(server, { host, query })
  expect(await encrypted({ url: url('sslmode=verify-full') })).toEqual(SELF_SIGNED)
  expect(await encrypted({ url: url(`sslmode=verify-full&sslrootcert=${file}`) })).toBe(true)
  expect(
    await encrypted({ url: url(`sslmode=verify-full&sslrootcert=${file}`, ELSEWHERE) }),
  ).toEqual(WRONG_NAME)
  expect(await encrypted({ url: url('sslmode=no-verify', ELSEWHERE) })).toBe(true)
  expect(await encrypted({ url: url('sslmode=disable', ELSEWHERE) })).toBe(false)
})

test('a statement on an encrypted connection is cancelled on the server, encrypted as well', async () => {
  await using proxy = await openFaultProxy({ target: server.url })
  using recording = proxy.record()
  await using engine = engineOf({
    url: proxy.url,
    tls: { ca: server.ca ?? '' },
  })
  await using observer = engineOf({ url: server.url })
  const sleeping = () =>
    observer.pool
      .query(
        "select pid from pg_stat_activity where query = 'select pg_sleep(60)' and state = 'active'",
      )
      .then(({ rows }) => rows)
  const lease = await engine.acquire()
  const giveUp = new AbortController()
  const running = expect(
    lease.query('select pg_sleep(60)', [], { signal: giveUp.signal }),
  ).rejects.toMatchObject({ code: 'CANCELLED' })
  await expect.poll(sleeping).toHaveLength(1)
  giveUp.abort()
  await running
  lease.release()
  await using next = await engine.acquire()
  expect(next.backendPid).toBe(lease.backendPid)
  expect(await sleeping()).toEqual([])
  const asked = recording.messages.filter(({ direction }) => direction === 'toServer')
  expect(new Set(asked.map(({ message }) => message))).toEqual(new Set(['SSLRequest']))
  expect(asked.length).toBeGreaterThanOrEqual(2)
})

test('the password is asked for each login, so that it can change without a restart', async () => {
  const admin = new pg.Client(server.url)
  await admin.connect()
  await admin.query("create role app login password 'first'")
  const asked: string[] = []
  let current = 'first'
  const password = async () => {
    asked.push(current)
    return current
  }
  await using engine = engineOf({
    url: urlOf(server, { user: 'app', password: 'stale' }),
    size: 2,
    password,
  })
  const who = async () => (await engine.pool.query('select current_user as who')).rows
  expect(await who()).toEqual([{ who: 'app' }])
  expect(await who()).toEqual([{ who: 'app' }])
  expect(asked).toEqual(['first'])

  await admin.query("alter role app password 'second'")
  expect(await who()).toEqual([{ who: 'app' }])
  engine.invalidate()
  const refused = await who().catch((error: unknown) => error)
  expect(refused).toMatchObject({ kind: 'permission', sqlState: '28P01' })
  expect(String(refused)).not.toContain('first')

  current = 'second'
  expect(await who()).toEqual([{ who: 'app' }])
  expect(asked).toEqual(['first', 'first', 'second'])
  await admin.end()
})

test('a password that cannot be had is an error of the caller, and the next caller asks again', async () => {
  const admin = new pg.Client(server.url)
  await admin.connect()
  await admin.query("create role patient login password 'secret'")
  await admin.end()
  let broken = true
  const password = () => {
    if (broken) throw new Error('the vault is closed')
    return 'secret'
  }
  await using engine = engineOf({ url: urlOf(server, { user: 'patient' }), password })
  await expect(engine.acquire()).rejects.toMatchObject({
    code: 'CONNECTION_FAILED',
    cause: { message: 'the vault is closed' },
  })
  broken = false
  expect((await engine.pool.query('select current_user as who')).rows).toEqual([{ who: 'patient' }])
})
