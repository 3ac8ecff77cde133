import { EventEmitter } from 'node:events'
import type { Lease } from './lease.ts'
import {
  asPgThrows,
  isSubmittable,
  type PgCallback,
  type PgQueryConfig,
  type PgResult,
  pgRequest,
  pgResultOf,
  settle,
} from './pg-query.ts'
import type { Submittable } from './send-queue.ts'

/**
 * A lease in the shape of a pg pool client, for code that is written against pg: `query` with promises, callbacks, config
 * objects and cursors, `release(destroy)`, and the events `notification`, `error` (only if somebody listens) and `end`. The raw client
 * stays inside; removing every listener of this object takes none off the connection itself.
 */
export class PgClient extends EventEmitter {
  readonly #lease: Lease
  readonly #onRelease: (destroyed: boolean | Error) => void
  #released = false

  constructor(lease: Lease, onRelease: (destroyed: boolean | Error) => void) {
    super()
    this.#lease = lease
    this.#onRelease = onRelease
    lease.onLost((error) => {
      if (this.listenerCount('error') > 0) this.emit('error', error)
      this.emit('end')
    })
    lease.onNotification((notification) => this.emit('notification', notification))
  }

  /** The server's process id of this connection. */
  get processID(): number {
    return this.#lease.backendPid
  }

  /** The status byte of the last answer: I idle, T in a transaction, E in a failed one. */
  getTransactionStatus(): 'I' | 'T' | 'E' | null {
    return this.#lease.transactionStatus
  }

  /** Runs a statement, or hands a cursor or stream to the driver and returns it. Statements run in the order they were given. */
  query<Query extends Submittable>(query: Query): Query
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
    query: string | PgQueryConfig | Submittable,
    values?: readonly unknown[] | PgCallback<PgResult>,
    callback?: PgCallback<PgResult>,
  ): unknown {
    if (isSubmittable(query)) {
      this.#lease.submit(query)
      return query
    }
    const request = pgRequest(query, values, callback)
    const answers = this.#lease.fly([request.statement])
    return settle(
      answers.then(pgResultOf, (error) => Promise.reject(asPgThrows(error))),
      request.callback,
    )
  }

  /**
   * Gives the connection back; `true` or an error destroys it.
   *
   * @throws {Error} if it was given back before, as pg does
   */
  release(destroy: boolean | Error = false): void {
    if (this.#released)
      throw new Error('Release called on client which has already been released to the pool.')
    this.#released = true
    this.#lease.release(destroy === false ? 'clean' : 'destroy')
    this.#onRelease(destroy)
  }
}
