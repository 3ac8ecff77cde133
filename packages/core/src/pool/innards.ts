import type { ConnectionOptions } from 'node:tls'
import type pg from 'pg'

/** What a pg.Client has besides its declared members, and what we rely on: held together here, and pinned by the tests. */
export interface Innards {
  readonly processID: number | null
  readonly secretKey?: number
  /** How the connection is encrypted; false if it is not. */
  readonly ssl: ConnectionOptions | boolean
  readonly sslNegotiation?: string
  /** Sends queries without waiting for answers; may be changed while nothing is under way. */
  pipeline: boolean
}

/** The undeclared members of pg's client. */
export function innardsOf(client: pg.Client): Innards {
  return client as unknown as Innards
}
