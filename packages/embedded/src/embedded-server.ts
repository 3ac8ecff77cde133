import { dirname } from 'node:path'
import type { Binaries } from './binaries.ts'
import type { BoundProcess } from './lifeline.ts'
import { type CreateDatabaseOptions, createDatabase, dropDatabase } from './maintenance.ts'
import { serverLog } from './postmaster.ts'
import { type EndMode, ServerLife } from './server-life.ts'

/** How to end a server that comes back. */
export interface EndOptions {
  /** @default 'fast' */
  mode?: EndMode
}

/** A PostgreSQL server of this process. It ends with the process, whatever way that ends. */
export interface EmbeddedServer extends AsyncDisposable {
  /** A superuser's way in, password included. */
  readonly url: string
  readonly port: number
  /** Where the data really lies, which may differ from what was asked when root started it. */
  readonly dataDir: string
  /** The folder of the server's programs. */
  readonly binDir: string
  readonly logFile: string
  /** The process of the server; another one after a restart. */
  readonly pid: number
  /** e.g. `18.4` */
  readonly version: string
  /** Resolves when the server has ended for good, also if nobody asked for it; not when it is down for a while. */
  readonly exited: Promise<void>
  /** Cuts the connections, writes everything out and ends the server; in the worst case by force. */
  stop(): Promise<void>
  /** Ends the server like a power failure: nothing is written out, the next start recovers. */
  kill(): Promise<void>
  /**
   * Makes every process of the server stand still, as an overloaded or suspended machine does: the port accepts
   * connections, and nobody answers. Returns once all stand still; frozen ones stay so until `thaw`, `stop` or `kill`.
   *
   * @throws {EmbeddedError} `NOT_RUNNING`
   */
  freeze(): Promise<void>
  /** Lets a frozen server go on; one that is not frozen does so anyway. */
  thaw(): Promise<void>
  /**
   * Ends the server and starts it again: same data, port, settings and handle, another `pid`. A temporary server
   * does not wait for the disk, so `immediate` and `kill` may lose its last commits: a test that counts them
   * sets `synchronous_commit: 'on'`.
   *
   * @throws {EmbeddedError} `NOT_RUNNING` after the end; else as a start does, and the server is down then
   */
  restart(options?: EndOptions): Promise<void>
  /**
   * The first half of `restart`: the port refuses connections until `up`. One that is down already stays so.
   *
   * @throws {EmbeddedError} `NOT_RUNNING` after the end
   */
  down(options?: EndOptions): Promise<void>
  /**
   * The second half of `restart`; nothing to do for a server that is up.
   *
   * @throws {EmbeddedError} as `restart` does
   */
  up(): Promise<void>
  /** Makes a database, named by chance if `name` is left out. @returns its url */
  createDatabase(name?: string, options?: CreateDatabaseOptions): Promise<string>
  /** Drops a database and the connections to it. */
  dropDatabase(name: string): Promise<void>
}

/** The handle of a started server. */
export function embeddedServer(parts: {
  process: BoundProcess
  /** Starts it again as it was, over the same data and on the same port. */
  start: () => Promise<BoundProcess>
  port: number
  dataDir: string
  binaries: Binaries
  url: string
  version: string
  afterEnd?: () => Promise<void>
}): EmbeddedServer {
  const { port, dataDir, binaries, url, version } = parts
  const life = new ServerLife(parts.process, parts.start, parts.afterEnd)
  const stop = () => life.end('fast')
  return {
    url,
    port,
    dataDir,
    binDir: dirname(binaries.postgres),
    logFile: serverLog(dataDir),
    get pid() {
      return life.pid
    },
    version,
    get exited() {
      return life.exited
    },
    stop,
    kill: () => life.end('kill'),
    freeze: () => life.freeze(),
    thaw: () => life.thaw(),
    restart: ({ mode = 'fast' } = {}) => life.restart(mode),
    down: ({ mode = 'fast' } = {}) => life.down(mode),
    up: () => life.up(),
    createDatabase: (name, createOptions) => createDatabase(url, name, createOptions),
    dropDatabase: (name) => dropDatabase(url, name),
    [Symbol.asyncDispose]: stop,
  }
}
