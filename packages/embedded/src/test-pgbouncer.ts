import { once } from 'node:events'
import { mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { isRoot, serverAccount } from './account.ts'
import { EmbeddedError } from './embedded-error.ts'
import { findProgram } from './find-program.ts'
import { type BoundProcess, endBound, spawnBound } from './lifeline.ts'
import { urlOf } from './maintenance.ts'
import { freePort } from './port.ts'
import { closeFolder, writePrivateFile } from './private-file.ts'
import { publicTemporaryFolder } from './refuge.ts'
import { selfSigned } from './self-signed.ts'

/** How a PgBouncer for tests pools. */
export interface TestPgBouncerOptions {
  /** When a server connection goes to the next client. @default 'transaction' */
  poolMode?: 'session' | 'transaction' | 'statement'
  /** Server connections for each database. @default 20, as PgBouncer has it */
  defaultPoolSize?: number
  /** @default 100, as PgBouncer has it */
  maxClientConn?: number
  /** Clients have to encrypt; `ca` is what they trust. @default false */
  tls?: boolean
  /** More of the section `[pgbouncer]` of its file, above what is said here. */
  settings?: Record<string, string>
}

/** A PgBouncer for tests. Whoever can reach its port gets in, as the user of the server's url. */
export interface TestPgBouncer extends AsyncDisposable {
  readonly port: number
  readonly pid: number
  /** PEM of its certificate, or undefined without `tls`. */
  readonly ca: string | undefined
  /** The url of a database through it; `pgbouncer` is its own console. @default the database of the server's url */
  url(database?: string): string
  /** Ends it; its clients are cut, the server's side is closed. */
  stop(): Promise<void>
  /** Ends it at one stroke. */
  kill(): Promise<void>
}

/** Debian puts it where the PATH of an ordinary user does not lead. */
const systemFolders = ['/usr/sbin', '/usr/local/sbin']

/**
 * Starts a private PgBouncer in front of a server, on a free port of 127.0.0.1. It ends with this process.
 *
 * @param serverUrl a server that listens on TCP; user and password are those of every connection to it
 * @returns undefined if the program is not on this machine: the test is to be skipped, with that reason
 * @throws {EmbeddedError} `START_FAILED` with the end of its log
 */
export async function testPgBouncer(
  serverUrl: string,
  options: TestPgBouncerOptions = {},
): Promise<TestPgBouncer | undefined> {
  const program = await findProgram('pgbouncer', systemFolders)
  return program ? startPgBouncer(program, serverUrl, options) : undefined
}

async function startPgBouncer(
  program: string,
  serverUrl: string,
  options: TestPgBouncerOptions,
): Promise<TestPgBouncer> {
  // Like PostgreSQL it refuses to run as root.
  const account = isRoot() ? await serverAccount() : undefined
  const folder = await mkdtemp(join(publicTemporaryFolder(account), 'aquifer-pgbouncer-'))
  const port = await freePort()
  const certificate = options.tls ? selfSigned() : undefined
  const file = (name: string) => join(folder, name)
  const settings = {
    listen_addr: '127.0.0.1',
    listen_port: String(port),
    unix_socket_dir: '',
    auth_type: 'any',
    pool_mode: options.poolMode ?? 'transaction',
    default_pool_size: String(options.defaultPoolSize ?? 20),
    max_client_conn: String(options.maxClientConn ?? 100),
    ...(certificate && {
      client_tls_sslmode: 'require',
      client_tls_cert_file: file('server.crt'),
      client_tls_key_file: file('server.key'),
    }),
    ...options.settings,
  }
  await closeFolder(folder, account)
  await writePrivateFile(file('pgbouncer.ini'), iniOf(serverUrl, settings), account)
  if (certificate) {
    await writePrivateFile(file('server.crt'), certificate.certificate, account)
    await writePrivateFile(file('server.key'), certificate.key, account)
  }
  const log = await open(file('pgbouncer.log'), 'a')
  const bound = await spawnBound(program, [file('pgbouncer.ini')], {
    account,
    log: log.fd,
    removeOnOrphan: folder,
  })
  await log.close()
  const end = async (...signals: NodeJS.Signals[]) => {
    await endBound(bound, signals)
    await rm(folder, { recursive: true, force: true })
  }
  // It has nothing to write out. Newer versions wait for their clients, so patience is short.
  const stop = () => end('SIGTERM', 'SIGKILL')
  if (!(await listens(bound, port))) {
    const said = await readFile(file('pgbouncer.log'), 'utf8')
    await stop()
    throw new EmbeddedError('START_FAILED', `${program} does not listen on port ${port}:\n${said}`)
  }
  return {
    port,
    pid: bound.pid,
    ca: certificate?.certificate,
    url: (database) => {
      const through = new URL(database ? urlOf(serverUrl, database) : serverUrl)
      through.hostname = '127.0.0.1'
      through.port = String(port)
      return through.href
    },
    stop,
    kill: () => end('SIGKILL'),
    [Symbol.asyncDispose]: stop,
  }
}

/** Every database is the one of that name on the server. The text holds the server's password. */
function iniOf(serverUrl: string, settings: Record<string, string>): string {
  const { hostname, port, username, password } = new URL(serverUrl)
  const target: Record<string, string> = {
    host: hostname,
    port: port || '5432',
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
  }
  // It does not take an empty value.
  const parts = Object.entries(target)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}='${value.replaceAll("'", "''")}'`)
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`)
  return ['[databases]', `* = ${parts.join(' ')}`, '[pgbouncer]', ...lines, ''].join('\n')
}

async function listens(bound: BoundProcess, port: number): Promise<boolean> {
  const until = performance.now() + 10_000
  while (!bound.hasExited && performance.now() < until) {
    const socket = connect(port, '127.0.0.1')
    try {
      await once(socket, 'connect')
      return true
    } catch {
      await delay(20)
    } finally {
      socket.destroy()
    }
  }
  return false
}
