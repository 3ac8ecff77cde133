import { isServerReply } from '../errors/from-driver.ts'

/**
 * Who in the server says of a prepared statement that it cannot be used as it is: `cached plan must not change result type`, and one that
 * somebody has deallocated. Others use the same SQLSTATEs for refusals of their own.
 */
const SAID_BY = new Map([
  ['0A000', 'RevalidateCachedQuery'],
  ['26000', 'FetchPreparedStatement'],
])
/** The context of an error that comes before anything was run: none, or the parameters; one of a function begins with its statement. */
const BEFORE_RUN = /^[^"'«»„“「\n]*\$1 = /

/** Whether a statement that was sent by name failed before it was run, because of what the server has kept under that name. */
export function isStalePlan(error: unknown): boolean {
  if (!isServerReply(error) || SAID_BY.get(error.code) !== error.routine) return false
  return error.where === undefined || BEFORE_RUN.test(error.where)
}
