import { isAquiferError } from '../errors/aquifer-error.ts'

/** Collisions, lack of resources, states that pass, somebody's cancel: the next time it may be otherwise. */
const PASSES = /^(40|53|55|57|58)/

/** Whether the server has refused a question for good: the role may not ask it, or the server does not know what is asked. */
export function isRefusal(error: unknown): boolean {
  if (!isAquiferError(error) || error.sqlState === undefined) return false
  return error.kind !== 'connection' && !PASSES.test(error.sqlState)
}
