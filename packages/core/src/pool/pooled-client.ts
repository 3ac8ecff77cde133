import { EventEmitter } from 'node:events'
import type { Lease, QueryResult } from './lease.ts'

/**
 * A lease in the shape of a pg pool client, for libraries that are written against pg: `query`,
 * `release(destroy)`, and the events `notification`, `error` (only if somebody listens) and `end`. The raw client stays
 * inside; removing every listener of this object takes none off the connection itself.
 */
export class PooledClient extends EventEmitter {
  readonly #lease: Lease

  constructor(lease: Lease) {
    super()
    this.#lease = lease
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

  /** Runs one statement, rows as objects. */
  query<Row = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<QueryResult<Row>> {
    return this.#lease.query<Row>(text, values)
  }

  /** Gives the connection back; `true` or an error destroys it. */
  release(destroy?: boolean | Error): void {
    this.#lease.release(destroy === undefined || destroy === false ? 'clean' : 'destroy')
  }
}
