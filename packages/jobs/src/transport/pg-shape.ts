import { isAquiferError, type PgClient, type PgPool, type QueryResult } from '@aquifer/core'

type Query = <Row = Record<string, unknown>>(
  text: string,
  values?: readonly unknown[],
) => Promise<QueryResult<Row>>

/** What BullMQ's PostgreSQL backend takes for a pg.Pool, as far as it uses one. */
export interface PgShape {
  readonly options: { readonly keepAlive: true }
  query: Query
  connect(): Promise<PgClient>
  end(): Promise<void>
  on(event: string, listener: (...args: never[]) => void): this
  removeAllListeners(): this
}

/**
 * An engine's pool in the shape of pg.Pool. Errors are thrown as pg throws them, since BullMQ reads
 * SQLSTATE and detail from them; ending it ends nothing, as the engine owns the pool and reports
 * its failures itself.
 */
export function pgShapeOf(pool: PgPool): PgShape {
  const shape: PgShape = {
    options: { keepAlive: true },
    query: asPgThrows((text, values) => pool.query(text, values)),
    connect: async () => {
      const client = await pool.connect()
      const query: Query = client.query.bind(client)
      return Object.assign(client, { query: asPgThrows(query) })
    },
    end: () => Promise.resolve(),
    on: () => shape,
    removeAllListeners: () => shape,
  }
  return shape
}

function asPgThrows(query: Query): Query {
  return async (text, values) => {
    try {
      return await query(text, values)
    } catch (error) {
      throw asPgError(error)
    }
  }
}

/** What pg would have thrown. */
export function asPgError(error: unknown): unknown {
  if (!isAquiferError(error)) return error
  // The one sign by which BullMQ knows that the backend is away, so that it tries again instead of
  // failing the job.
  const isAway = error.kind === 'connection' || error.kind === 'overload'
  if (isAway)
    return Object.assign(new Error(error.message, { cause: error }), { code: 'ECONNREFUSED' })
  return error.sqlState !== undefined && error.cause instanceof Error ? error.cause : error
}
