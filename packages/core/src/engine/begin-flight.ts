import type { PoolSettings } from '../pool/settings.ts'
import type { Statement } from '../pool/statement.ts'
import type { Deadline } from '../time/deadline.ts'

/** The server counts milliseconds in 32 bits with a sign. */
const LONGEST_LIMIT_MS = 2 ** 31 - 1

/**
 * What travels in front of a transaction's first statement: BEGIN, and limits for this transaction alone where those of the login
 * do not hold. It costs no round trip.
 *
 * The server stops a statement that outlives the deadline, also if nobody can reach it to cancel.
 */
export function beginFlight(
  begin: string,
  settings: PoolSettings,
  deadline: Deadline,
): readonly Statement[] {
  const { statementTimeoutMs, lockTimeoutMs, idleInTransactionTimeoutMs, pooler } = settings
  const remainingMs = Math.max(1, Math.ceil(deadline.remainingMs))
  const limits: Record<string, number> = {}
  const statementMs = Math.min(remainingMs, statementTimeoutMs)
  if (Number.isFinite(statementMs) && (pooler !== undefined || remainingMs < statementTimeoutMs))
    limits.statement_timeout = Math.min(statementMs, LONGEST_LIMIT_MS)
  if (pooler !== undefined) {
    // Without a limit of ours the server's own holds.
    if (Number.isFinite(lockTimeoutMs)) limits.lock_timeout = lockTimeoutMs
    if (Number.isFinite(idleInTransactionTimeoutMs))
      limits.idle_in_transaction_session_timeout = idleInTransactionTimeoutMs
  }
  // SET takes no snapshot, so that SET TRANSACTION and LOCK may still come first.
  return [
    { text: begin },
    ...Object.entries(limits).map(([name, limitMs]) => setLocal(name, limitMs)),
  ]
}

/** A limit for the transaction alone. A text of its own for each number, which is not worth remembering. */
export function setLocal(name: string, limitMs: number): Statement {
  return ownStatement(`set local ${name} = ${Math.ceil(limitMs)}`)
}

/** A statement of our own that writes no row and leaves nothing behind its transaction. */
export function ownStatement(text: string): Statement {
  const facts = {
    text,
    leavesState: false,
    several: false,
    endsInside: false,
    planned: false,
    listens: false,
    mayWrite: false,
    notifies: false,
    uses: 0,
  }
  return { text, facts: { ...facts, control: undefined } }
}
