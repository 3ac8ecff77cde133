import { isAquiferError, type Outcome } from '../errors/aquifer-error.ts'
import { TransactionError } from '../errors/transaction-error.ts'
import type { Lease } from '../pool/lease.ts'
import type { Pool } from '../pool/pool.ts'
import { monotonicMs } from '../time/clock.ts'
import { Deadline } from '../time/deadline.ts'
import { outcomeOf } from './commit-outcome.ts'
import type { TransactionWatch } from './transaction-mark.ts'

/** Its deadline may pass while COMMIT runs; the question of what became of it gets this much longer. */
const RESOLVED_WITHIN_MS = 200

/** What a COMMIT goes by. */
export interface CommitParts {
  readonly pool: Pool
  readonly watch: TransactionWatch
  readonly deadline: Deadline
}

/**
 * Commits. If the answer is lost, the server is asked on another connection what became of it; the lease has been given
 * back then.
 *
 * @returns what the server did: a transaction in which a statement had failed it rolls back
 * @throws {TransactionError} `COMMIT_LOST` if it was not applied, `COMMIT_OUTCOME_UNKNOWN` if nobody can tell; or the refusal of a
 *   deferred constraint
 */
export async function commitOn(lease: Lease, parts: CommitParts): Promise<'COMMIT' | 'ROLLBACK'> {
  try {
    const { command } = await lease.run({ text: 'commit' }, { deadline: parts.deadline })
    return command === 'ROLLBACK' ? 'ROLLBACK' : 'COMMIT'
  } catch (error) {
    if (!isAquiferError(error) || error.outcome !== 'unknown') throw error
    // The pool may be as small as one connection, and this one is of no use any more.
    lease.release()
    const outcome = await resolve(parts)
    if (outcome === 'committed') return 'COMMIT'
    throw outcome === 'rolledBack' ? commitLost(error) : outcomeUnknown(error)
  }
}

async function resolve({ pool, watch, deadline }: CommitParts): Promise<Outcome> {
  const { mark, doubtful } = watch
  if (mark === undefined) return doubtful ? 'unknown' : 'committed'
  const startedAt = monotonicMs()
  const limit = Deadline.after(Math.max(deadline.remainingMs, RESOLVED_WITHIN_MS))
  const outcome = await outcomeOf(pool, mark, limit)
  pool.events.emit('commitResolved', { outcome, tookMs: monotonicMs() - startedAt })
  return outcome
}

function commitLost(cause: unknown): TransactionError {
  return new TransactionError(
    'COMMIT_LOST',
    'the connection broke while COMMIT was on its way, and the server says that nothing was applied: run the unit again',
    { cause, retryable: true },
  )
}

function outcomeUnknown(cause: unknown): TransactionError {
  return new TransactionError(
    'COMMIT_OUTCOME_UNKNOWN',
    'the connection broke while COMMIT was on its way, and the server could not be asked in time: the writes may or may not have been applied. ' +
      'Look before you repeat them, or run the unit with engine.once()',
    { cause, outcome: 'unknown' },
  )
}
