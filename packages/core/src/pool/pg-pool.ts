import { EventEmitter } from 'node:events'
import { firstFlight } from './first-flight.ts'
import { allAnswers } from './flown.ts'
import { PgClient } from './pg-client.ts'
import {
  asPgThrows,
  type PgCallback,
  type PgQueryConfig,
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

/**
 * A pool in the shape of pg.Pool and of the pool that Kysely's own PostgresDialect takes: `connect`, `query` and `end` with promises or
 * callbacks, the counts, and the events `connect`, `acquire`, `release`, `remove` and `error`. Values come out as pg's type parsers make
 * them and the server's errors as pg throws them. It joins no session.
 *
 * An `error` is emitted only if somebody listens: no broken connection ends the process.
 */
export class PgPool extends EventEmitter {
  /** What pg.Pool was told, as far as others read it. */
  readonly options: { readonly max: number; readonly min: number }
  readonly #pool: Pool
  #ending = false
  #ended = false

  constructor(pool: Pool) {
    super()
    this.#pool = pool
    const { size, overflow, minimum = 0 } = pool.settings
    this.options = { max: size + overflow, min: minimum }
    pool.events.on('connect', (event) => this.emit('connect', event))
    pool.events.on('close', ({ error, ...event }) => {
      if (error !== undefined && this.listenerCount('error') > 0) this.emit('error', error, event)
      this.emit('remove', event)
    })
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
      (client) => process.nextTick(callback, undefined, client, client.release.bind(client)),
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
    values: readonly unknown[],
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
  end(callback: () => void): void
  end(callback?: (error?: Error) => void): Promise<void> | undefined {
    return settle(this.#end(), callback && ((error) => callback(error)))
  }

  async #connect(): Promise<PgClient> {
    const lease = await this.#pool.acquire({ takenAt: this.#pool.noteCallSite() })
    const client = new PgClient(lease, (destroyed) => {
      this.emit('release', destroyed === false ? undefined : destroyed, client)
    })
    this.emit('acquire', client)
    return client
  }

  async #query({ statement }: ReturnType<typeof pgRequest>): Promise<PgResult> {
    const { lease, flown } = await firstFlight(this.#pool, [statement], {})
    lease.release()
    if (flown.failure !== undefined) throw asPgThrows(flown.failure.error)
    return pgResultOf(allAnswers(flown))
  }

  async #end(): Promise<void> {
    if (this.#ending) throw new Error('Called end on pool more than once')
    this.#ending = true
    await this.#pool.close()
    this.#ended = true
  }
}
