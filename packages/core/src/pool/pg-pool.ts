import { EventEmitter } from 'node:events'
import type { Backend } from './backend.ts'
import type { PoolEvents } from './events.ts'
import { firstFlight } from './first-flight.ts'
import { allAnswers } from './flown.ts'
import type { Lease } from './lease.ts'
import { PgClient } from './pg-client.ts'
import { controlClientOf, type PgControlClient } from './pg-control-client.ts'
import {
  asPgThrows,
  type PgCallback,
  type PgQueryConfig,
  type PgRequest,
  type PgResult,
  pgRequest,
  pgResultOf,
  settle,
} from './pg-query.ts'
import type { Pool } from './pool.ts'

/** The callback of `connect`, as pg has it. */
export type PgConnectCallback = (
  error: Error | undefined,
  client: PgClient | undefined,
  release: (destroy?: boolean | Error) => void,
) => void

/** The events of a `PgPool` and their arguments, as pg.Pool has them. */
export interface PgPoolEvents {
  /** The first checkout of a connection. What is sent to the client before the listener returns sets up the connection for good. */
  connect: [client: PgClient]
  acquire: [client: PgClient]
  release: [error: Error | boolean | undefined, client: PgClient]
  /** A connection left the pool. */
  remove: [client: PgClient]
  /** A connection that nobody held broke. */
  error: [error: Error, client: PgClient]
}

/**
 * A pool in the shape of pg.Pool and of the pool that Kysely's own PostgresDialect takes: `connect`, `query` and `end` with promises or
 * callbacks, the counts, and the events of `PgPoolEvents`. Values come out as pg's type parsers make them and the server's errors as pg
 * throws them. It joins no session.
 *
 * It differs where pg.Pool could do harm: a client that was given back runs nothing, an `error` is emitted only if somebody listens, and a connection with state that its holder has left behind is not lent again.
 */
export class PgPool extends EventEmitter<PgPoolEvents> implements AsyncDisposable {
  /** What pg.Pool was told, as far as others read it. */
  readonly options: { readonly max: number; readonly min: number }
  /** A connection beside the pool, which Kysely takes to cancel a statement of another one. */
  readonly Client: new () => PgControlClient
  readonly #pool: Pool
  readonly #assertMayLend: () => void
  /** The client of each connection; behind some poolers all have one process id. */
  readonly #clients = new WeakMap<Backend, PgClient>()
  readonly #byProcess = new Map<number, PgClient>()
  #returning = false
  #ending = false
  #ended = false

  /** @param assertMayLend throws where a connection must not be lent */
  constructor(pool: Pool, assertMayLend: () => void = () => {}) {
    super()
    this.#pool = pool
    this.#assertMayLend = assertMayLend
    const { size, overflow, minimum = 0 } = pool.settings
    this.options = { max: size + overflow, min: minimum }
    this.Client = controlClientOf(pool.settings)
    pool.events.on('close', (event) => this.#onClose(event))
  }

  /** Connections that are open or being opened. */
  get totalCount(): number {
    return this.#pool.stats().total
  }

  get idleCount(): number {
    return this.#pool.stats().idle
  }

  /** Callers that wait for a connection. */
  get waitingCount(): number {
    return this.#pool.stats().waiting
  }

  /** Whether `end` was called. */
  get ending(): boolean {
    return this.#ending
  }

  /** Whether every connection has been closed. */
  get ended(): boolean {
    return this.#ended
  }

  /** Lends a connection. It has to be given back by `client.release()`. */
  connect(): Promise<PgClient>
  connect(callback: PgConnectCallback): void
  connect(callback?: PgConnectCallback): Promise<PgClient> | undefined {
    const connecting = this.#connect()
    if (callback === undefined) return connecting
    connecting.then(
      (client) => process.nextTick(callback, undefined, client, client.releaseOfNow()),
      (error) => process.nextTick(callback, error, undefined, () => {}),
    )
    return undefined
  }

  /** Runs one statement on any connection. */
  query<Row = Record<string, unknown>>(
    query: string | PgQueryConfig,
    values?: readonly unknown[],
  ): Promise<PgResult<Row>>
  query<Row = Record<string, unknown>>(
    query: string | PgQueryConfig,
    callback: PgCallback<PgResult<Row>>,
  ): void
  query<Row = Record<string, unknown>>(
    query: string | PgQueryConfig,
    values: readonly unknown[] | undefined,
    callback: PgCallback<PgResult<Row>>,
  ): void
  query(
    query: string | PgQueryConfig,
    values?: readonly unknown[] | PgCallback<PgResult>,
    callback?: PgCallback<PgResult>,
  ): unknown {
    const request = pgRequest(query, values, callback)
    return settle(this.#query(request), request.callback)
  }

  /**
   * Closes the pool: callers that wait are turned away, running work is waited for up to the drain limit.
   *
   * @throws {Error} if it was called before, as pg does
   */
  end(): Promise<void>
  end(callback: (error?: Error) => void): void
  end(callback?: (error?: Error) => void): Promise<void> | undefined {
    return settle(this.#end(), callback && ((error) => callback(error)))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#ending) await this.#end()
  }

  async #connect(): Promise<PgClient> {
    this.#assertMayLend()
    const lease = await this.#pool.acquire({ takenAt: this.#pool.noteCallSite() })
    const { backend, backendPid } = lease
    const known = this.#clients.get(backend)
    const isNew = known === undefined
    const client = known ?? new PgClient(backendPid)
    this.#clients.set(backend, client)
    this.#byProcess.set(backendPid, client)
    client.lend(lease, (destroy) => this.#giveBack(lease, destroy, client))
    try {
      const keepsState = this.#pool.settings.pooler === undefined
      if (isNew) client.setUp(keepsState, () => this.emit('connect', client))
      this.emit('acquire', client)
    } catch (error) {
      client.release(true)
      throw error
    }
    return client
  }

  async #query(request: PgRequest): Promise<PgResult> {
    if (this.#isWatched()) return this.#queryAsSeen(request)
    this.#assertMayLend()
    const { lease, flown } = await firstFlight(this.#pool, [request.statement], {})
    this.#release(lease, false)
    if (flown.failure !== undefined) throw asPgThrows(flown.failure.error)
    return pgResultOf(allAnswers(flown))
  }

  /** As pg.Pool does it: connect, query, release. */
  async #queryAsSeen({ statement }: PgRequest): Promise<PgResult> {
    const client = await this.#connect()
    try {
      return await client.run(statement)
    } finally {
      client.release()
    }
  }

  #isWatched(): boolean {
    return (['connect', 'acquire', 'release', 'remove', 'error'] as const).some(
      (event) => this.listenerCount(event) > 0,
    )
  }

  #giveBack(lease: Lease, destroy: Error | boolean, client: PgClient): void {
    this.emit('release', destroy === false ? undefined : destroy, client)
    this.#release(lease, destroy !== false)
  }

  /** A connection that breaks in somebody's hands is that caller's error and not the pool's. */
  #release(lease: Lease, destroy: boolean): void {
    this.#returning = true
    lease.release(destroy ? 'destroy' : 'clean')
    this.#returning = false
  }

  #onClose({ backendPid, error }: PoolEvents['close']): void {
    const client = this.#byProcess.get(backendPid) ?? new PgClient(backendPid)
    this.#byProcess.delete(backendPid)
    client.tellEnd()
    if (error !== undefined && !this.#returning && this.listenerCount('error') > 0)
      this.emit('error', error, client)
    this.emit('remove', client)
  }

  async #end(): Promise<void> {
    if (this.#ending) throw new Error('Called end on pool more than once')
    this.#ending = true
    await this.#pool.close()
    this.#ended = true
  }
}
