import { isAquiferError } from '../errors/aquifer-error.ts'
import { ConnectionError } from '../errors/connection-error.ts'
import { after } from '../time/clock.ts'
import type { QueryResult } from './statement.ts'

/** A new connection as `onConnect` sees it. What is set here stays for the connection's life. */
export interface Connected {
  readonly backendPid: number
  /** Runs one statement, rows as objects. */
  query<Row = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<QueryResult<Row>>
}

/** Prepares a new connection before it is lent. */
export type ConnectHook = (connection: Connected) => Promise<void> | void

/**
 * Runs the profile's own hook, which has as long as the connecting itself.
 *
 * @throws {ConnectionError} `CONNECTION_FAILED`; the hook's own error is its cause
 */
export async function initialized(
  connected: Connected,
  onConnect: ConnectHook | undefined,
  connectTimeoutMs: number,
): Promise<void> {
  if (onConnect === undefined) return
  const limit = after(connectTimeoutMs, () =>
    late.reject(
      new ConnectionError(
        'CONNECTION_FAILED',
        `onConnect of the profile did not end within ${connectTimeoutMs} ms, the profile's connectTimeoutMs`,
      ),
    ),
  )
  const late = Promise.withResolvers<never>()
  try {
    await Promise.race([onConnect(connected), late.promise])
  } catch (error) {
    if (isAquiferError(error)) throw error
    throw new ConnectionError('CONNECTION_FAILED', 'onConnect of the profile failed', {
      cause: error,
    })
  } finally {
    limit.cancel()
  }
}
