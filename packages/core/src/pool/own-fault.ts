import type { AquiferError } from '../errors/aquifer-error.ts'
import { isServerReply } from '../errors/from-driver.ts'

/** Limits of PostgreSQL on how long a connection may be idle or in a transaction. */
const SQLSTATES = new Set(['25P03', '25P04', '57P05'])
/** The SQLSTATE of all that PgBouncer says, and its words when it ends a client for a limit; it translates none. */
const OF_BOUNCER = '08P01'
const BOUNCER_SAYS = new Set([
  'client_idle_timeout',
  'query_wait_timeout',
  'query_timeout',
  'query timeout',
  'idle transaction timeout',
  'transaction timeout',
])

/** Whether a connection was ended for a limit that it alone has met, which says nothing about the others. */
export function isOwnFault({ sqlState = '', cause }: AquiferError): boolean {
  if (SQLSTATES.has(sqlState)) return true
  // PostgreSQL names the function that speaks.
  if (sqlState !== OF_BOUNCER || !isServerReply(cause) || cause.routine !== undefined) return false
  return BOUNCER_SAYS.has(cause.message)
}
