import type { AquiferError } from '../errors/aquifer-error.ts'
import { isServerReply } from '../errors/from-driver.ts'

/** Limits of PostgreSQL on how long a connection may be idle or in a transaction. */
const SQLSTATES = new Set(['25P03', '25P04', '57P05'])
/** What PgBouncer says to a client for whose statement no connection to the server became free. */
const NOT_PASSED_ON = 'query_wait_timeout'
/** The SQLSTATE of all that PgBouncer says, and its words when it ends a client for a limit; it translates none. */
const OF_BOUNCER = '08P01'
const BOUNCER_SAYS = new Set([
  'client_idle_timeout',
  NOT_PASSED_ON,
  'query_timeout',
  'query timeout',
  'idle transaction timeout',
  'transaction timeout',
])

/** Whether a connection was ended for a limit that it alone has met, which says nothing about the others. */
export function isOwnFault({ sqlState = '', cause }: AquiferError): boolean {
  return SQLSTATES.has(sqlState) || BOUNCER_SAYS.has(wordsOfBouncer(cause))
}

/** Whether a pooler has ended the connection without having passed its statement on to the server. */
export function wasNotPassedOn(error: unknown): boolean {
  return wordsOfBouncer(error) === NOT_PASSED_ON
}

function wordsOfBouncer(error: unknown): string {
  // PostgreSQL names the function that speaks.
  const isBouncer = isServerReply(error) && error.code === OF_BOUNCER && error.routine === undefined
  return isBouncer ? error.message : ''
}
